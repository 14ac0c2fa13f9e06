"""lmcourse: from raw text to language models, in a package small enough to read.

A notebook says ``import lmcourse as lm`` and finds everything under ``lm``. Names are loaded when they are
first used, so the import itself pulls in neither PyTorch nor NumPy.
"""

import importlib

__version__ = "0.2.0"

# Where each public name lives, in the order in which data flows through the course.
_MODULES = (
    "errors", "corpus", "cleaning", "dedup", "pipeline", "tokenizers", "ngram", "batching", "nn", "autodiff", "descent",
    "schedules", "checkpoint", "models", "training", "rates", "profiling", "cost", "retrieval", "decoding", "beam", "metrics", "patients",
    "tasks", "plots", "interactive", "panels", "lesson", "studies", "exercises",
)
_NAMES = {
    "LmcourseError": "errors",
    "Document": "corpus", "Pair": "corpus", "Corpus": "corpus",
    "Pipeline": "pipeline", "Step": "pipeline",
    "Tokenizer": "tokenizers", "CharTokenizer": "tokenizers", "WordTokenizer": "tokenizers",
    "BPETokenizer": "tokenizers", "PairTokenizer": "tokenizers", "load_tokenizer": "tokenizers",
    "NGramLM": "ngram",
    "LSTMLanguageModel": "nn", "LSTMConfig": "nn", "SkipGram": "nn", "WordVectors": "nn", "Seq2Seq": "nn",
    "Seq2SeqConfig": "nn", "TextClassifier": "nn", "add_lora": "nn",
    "BM25": "retrieval", "VectorSearch": "retrieval", "Fused": "retrieval",
    "fit": "training", "range_test": "rates", "answer": "tasks", "ask": "tasks", "classify": "tasks", "classify_through": "tasks",
    "finetune": "tasks", "generate": "tasks", "train_answer": "tasks", "train_classify": "tasks", "train_joint": "tasks",
    "train_translate": "tasks", "translate": "tasks", "tune_lm": "tasks",
    "claim": "lesson", "show_source": "lesson", "reproducible": "lesson", "study": "studies",
    "check": "exercises", "hint": "exercises", "NotAttempted": "exercises",
}

__all__ = sorted(_MODULES + tuple(_NAMES) + ("__version__",))  # noqa: PLE0605 - as old Pythons can read it, too


def __getattr__(name):
    if name in _MODULES:
        return importlib.import_module("." + name, __name__)
    if name in _NAMES:
        value = getattr(importlib.import_module("." + _NAMES[name], __name__), name)
        globals()[name] = value
        return value
    raise AttributeError("lmcourse has no name {!r}; dir(lmcourse) lists what there is.".format(name))


def __dir__():
    return __all__
