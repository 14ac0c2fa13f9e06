# Thin: each target is one call, and what it does lives in Python (lmcourse/bootstrap.py, lmcourse/project/).
# Another Python: make lab PYTHON=python3.12.  More arguments: make test ARGS="-k tokenizers".
PYTHON ?= python3

.DEFAULT_GOAL := help
.PHONY: help setup lab test test-full run execute models exercises studies lint

help:
	@$(PYTHON) -m lmcourse help

setup:
	@$(PYTHON) -m lmcourse setup $(ARGS)

lab:
	@$(PYTHON) -m lmcourse lab $(ARGS)

test:
	@$(PYTHON) -m lmcourse test $(ARGS)

test-full:
	@$(PYTHON) -m lmcourse test --full $(ARGS)

run:
	@$(PYTHON) -m lmcourse run $(ARGS)

execute:
	@$(PYTHON) -m lmcourse execute $(ARGS)

models:
	@$(PYTHON) -m lmcourse models make $(ARGS)

exercises:
	@$(PYTHON) -m lmcourse exercises build $(ARGS)

studies:
	@$(PYTHON) -m lmcourse studies $(ARGS)

lint:
	@$(PYTHON) -m lmcourse lint $(ARGS)
