"""The shipped models: what there is (``list``), what each is (``describe``), and either one of them or your own (``load``)."""

from lmcourse.models.shipped import ModelCard, describe, load
from lmcourse.models.shipped import list_models as list

__all__ = ["ModelCard", "describe", "list", "load"]
