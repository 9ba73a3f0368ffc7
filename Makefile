# Uso: make <tarea>. Cada tarea crea por sí sola el entorno que necesita.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.listo
ADDRESS ?= 127.0.0.1:8000

.DEFAULT_GOAL := help
export NO_MKDOCS_2_WARNING := 1
.PHONY: help serve test test-all test-rerun bench test-jax site publish shots run gallery lint clean

help: ## Muestra esta ayuda
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

serve: $(READY) ## Sirve el sitio y lo rehace con cada cambio
	$(BIN)/mkdocs serve --dev-addr $(ADDRESS)

# Las páginas se ejecutan una vez, antes de repartir las pruebas; si alguna falla, lo dicen las pruebas.
PYTEST = $(BIN)/python -m livedocs run || true; $(BIN)/python -m pytest --numprocesses=auto --dist=loadscope

test: $(READY) ## Corre los bloques de todas las páginas y las pruebas del motor
	@$(PYTEST) $(ARGS)

test-all: $(READY) ## Además, lo que tarda: cada página en cada pantalla, los correctores, el zip
	@$(PYTEST) -m "not rerun and not benchmark" $(ARGS)

test-rerun: $(READY) ## Vuelve a correr el curso: cada «Copiar hasta aquí», los cuadernos, otra construcción
	@$(PYTEST) -m rerun -rP $(ARGS)

bench: $(READY) ## Mide cuánto tarda en verse una página en una línea lenta
	$(BIN)/python -m pytest -m benchmark -rP $(ARGS)

test-jax: $(READY) ## Los snippets que no dependen de TensorFlow, sobre JAX
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[jax]"
	KERAS_BACKEND=jax $(BIN)/python -m pytest -m "not benchmark" tests/test_c103.py tests/test_c119.py -k "focal or macro_f1 or l2 or configs or saved or res_block or siamese or wide_and_deep"

site: $(READY) ## Construye el sitio en site/, con el zip y los PDF para llevarse
	$(BIN)/python -m livedocs downloads .cache/descargas
	LIVEDOCS_DOWNLOADS=.cache/descargas $(BIN)/mkdocs build --strict

publish: $(READY) ## Sube site/ a la rama de publicación (remote_branch, en mkdocs.yml)
	$(BIN)/ghp-import --no-jekyll --force --push --message "Publica el sitio" \
	  --branch "$$($(BIN)/python -c 'from mkdocs.config import load_config; print(load_config().remote_branch)')" site

shots: site ## Saca capturas del sitio en .cache/shots/ (teléfono y escritorio, claro y oscuro)
	$(BIN)/python -m tests.shots site .cache/shots

run: $(READY) ## Ejecuta las páginas y dice cuáles fallan, sin construir nada
	$(BIN)/python -m livedocs run $(ARGS)

gallery: $(READY) ## Escribe de nuevo la página de snippets a partir de snippets/
	$(BIN)/python -m livedocs.gallery

lint: $(READY) ## Revisa el estilo del código
	$(BIN)/ruff check . && $(BIN)/ruff format --check .

clean: ## Borra el sitio, el entorno y las ejecuciones guardadas
	rm -rf site .cache $(VENV)

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Hace falta Python 3.11 o más nuevo; probá: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@echo "Preparando el entorno en $(VENV) (la primera vez tarda unos minutos)…"
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable .
	@touch $@
