"""The Pythons that the course runs on. Read by older ones too, so it is written in words that all of them know."""

OLDEST = (3, 11)
NEWEST = (3, 13)  # the last one for which every pinned package has a ready-made build
