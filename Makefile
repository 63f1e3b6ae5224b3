# The commands of Một Cửa. `make` or `make help` lists them; HOST, PORT and DATABASE_URL are passed on to all.
PYTHON_IN_VENV := .venv/bin/python
LOCK := uv pip compile --quiet --no-header --no-annotate --python-version 3.10 --generate-hashes \
	--override requirements/overrides.txt

.DEFAULT_GOAL := help
.PHONY: help run demo train test lint bench burst broadcast eval calibrate i18n lock clean environment environment-dev
# Two commands at once would install into the same environment at once.
.NOTPARALLEL:

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: environment ## prepare everything that is missing and serve the assistant on http://127.0.0.1:8080
	@exec $(PYTHON_IN_VENV) -m bot run

demo: environment ## show the assistant in Zalo, Telegram and web chat side by side on http://127.0.0.1:8090
	@exec $(PYTHON_IN_VENV) -m bot demo

train: environment ## train the model when its sources changed
	@$(PYTHON_IN_VENV) -m bot train

test: environment-dev ## run all tests
	@$(PYTHON_IN_VENV) -m pytest

lint: environment-dev ## check style (ruff) and types (mypy --strict)
	@$(PYTHON_IN_VENV) -m ruff check .
	@$(PYTHON_IN_VENV) -m mypy

bench: environment-dev ## measure speed beside Rasa's default set-up
	@$(PYTHON_IN_VENV) -m benchmarks

burst: environment-dev ## kill the server in the middle of 2,000 messages on each platform, count who was answered
	@for channel in zalo telegram telegram-polling; do $(PYTHON_IN_VENV) -m benchmarks.bursts --channel $$channel || exit 1; done

broadcast: environment-dev ## plan and send 100,000 notices to an emulated Zalo, beside naive ways, and count whom they reached
	@$(PYTHON_IN_VENV) -m benchmarks.broadcast

eval: environment-dev ## measure understanding on questions that training has not seen
	@$(PYTHON_IN_VENV) -m evaluation

calibrate: environment-dev ## find the weights of ranking and the thresholds anew
	@$(PYTHON_IN_VENV) -m evaluation.calibrating

i18n: environment-dev ## extract the sentences, bring the translations up to date, fail when one is missing or fuzzy
	@$(PYTHON_IN_VENV) -m bot.wording.catalogues

lock: ## work out requirements/*.lock anew (needs uv)
	$(LOCK) requirements/run.in -o requirements/run.lock
	$(LOCK) -c requirements/run.lock requirements/run.in requirements/dev.in -o requirements/dev.lock

clean: ## remove what can be made again: models, caches, results (what officials taught, var/ and .venv stay)
	rm -f models/*/model.tar.gz models/mot-cua-*.tar.gz
	rm -rf .rasa results .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -not -path './.venv/*' -prune -exec rm -rf {} +

# Always asked: only the script can tell that the environment is there, whole, and made from this very lock file.
environment:
	@scripts/make_environment run

environment-dev:
	@scripts/make_environment dev

.DEFAULT:
	@echo "Không có lệnh '$@'; gõ: make help / There is no command '$@'; see: make help" >&2; exit 2
