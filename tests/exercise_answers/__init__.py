"""Answers to the exercises, lesson by lesson: right ones in several styles, and plausible wrong ones.

The wrong ones are written from the lesson, not from the exercise's table of mistakes; what each is told stands in
``told`` beside this page, which a test writes anew and compares.
"""
