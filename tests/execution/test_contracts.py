"""Insides of others that the engine leans on: an upgrade that moves one is told here, by name."""

import inspect
import io

import pytest

from livedocs.execution.warm_kernels import _Forked, _Process
from tests.conftest import awaited


def test_ipykernel_schedules_a_flush_for_what_is_written():
    """`kernel_setup._streams_in_order` puts stdout and stderr in order there."""
    from ipykernel.iostream import OutStream

    broken = "ipykernel cambió: OutStream.write ya no llama a _schedule_flush (kernel_setup.py)"
    assert callable(getattr(OutStream, "_schedule_flush", None)), broken
    assert "self._schedule_flush()" in inspect.getsource(OutStream.write), broken


def test_ipykernel_lets_a_thread_speak_for_a_block():
    from ipykernel.zmqshell import ZMQInteractiveShell

    for name in ("get_parent", "set_thread_parent", "system"):
        assert callable(getattr(ZMQInteractiveShell, name, None)), (
            f"ipykernel cambió: ya no hay ZMQInteractiveShell.{name} (kernel_setup.py)"
        )


def test_rich_asks_whether_it_runs_in_jupyter(monkeypatch):
    """`keras_display.show_summaries` answers no."""
    import rich.console

    asked = []
    monkeypatch.setattr(rich.console, "_is_jupyter", lambda: asked.append(1) or False, raising=True)
    rich.console.Console(file=io.StringIO())
    assert asked, "rich cambió: Console ya no le pregunta a rich.console._is_jupyter (keras_display.py)"


def test_pytest_markdown_docs_runs_a_block_with_our_runner():
    from pytest_markdown_docs import _runners

    from livedocs.integrations.pytest import OncePerPage

    broken = "pytest-markdown-docs cambió: no usa nuestro ejecutor de bloques (integrations/pytest.py)"
    assert isinstance(_runners.get_runner(None), OncePerPage), broken
    assert _runners._Runner.__abstractmethods__ == {"runtest", "repr_failure"}, broken


def test_pytest_markdown_docs_reads_the_tokens_we_give_it(tmp_path):
    from pytest_markdown_docs.plugin import FenceSyntax, extract_fence_tests

    from livedocs.integrations.pytest import _token

    class Parser:
        def parse(self, text):
            return [_token(5, 7, "python", "x = 1\n"), _token(9, 11, "python notest", "y\n")]

    found = list(
        extract_fence_tests(Parser(), "", 0, tmp_path / "p.md", fence_syntax=FenceSyntax.superfences)
    )
    broken = (
        "pytest-markdown-docs cambió: lee de otro modo los bloques que le damos (integrations/pytest.py)"
    )
    assert [(test.start_line, test.source.strip()) for test in found] == [(5, "x = 1")], broken


def test_jupyter_starts_the_kernel_with_the_provisioner_it_was_given(monkeypatch):
    """`warm_kernels.give` sets one before the manager starts."""
    from livedocs.execution.session import _KernelManager

    manager = _KernelManager()
    given = manager.provisioner = _Forked(kernel_spec=manager.kernel_spec, parent=manager)
    started = []

    async def pre_launch(self, **kwargs):
        started.append(self)
        return kwargs | {"cmd": ["python"]}

    monkeypatch.setattr(_Forked, "pre_launch", pre_launch)
    awaited(manager._async_pre_start_kernel())
    assert started == [given], "jupyter_client cambió: no usa el «provisioner» dado (warm_kernels.py)"


def test_jupyter_asks_a_kernel_what_our_process_answers():
    from jupyter_client.provisioning import LocalProvisioner

    broken = "jupyter_client cambió: LocalProvisioner le pide otras cosas al proceso (warm_kernels.py)"
    asked = "".join(
        inspect.getsource(getattr(LocalProvisioner, name))
        for name in ("poll", "wait", "send_signal", "kill", "terminate")
    )
    for name in ("poll", "send_signal", "wait"):
        assert f"self.process.{name}(" in asked and callable(getattr(_Process, name)), broken


@pytest.mark.parametrize("name", ["process_message", "async_execute_cell", "async_setup_kernel"])
def test_nbclient_has_the_methods_we_extend(name):
    from nbclient import NotebookClient

    broken = f"nbclient cambió: NotebookClient.{name} no es el que se usa (session.py)"
    assert callable(getattr(NotebookClient, name, None)), broken
    if name == "process_message":
        assert list(inspect.signature(NotebookClient.process_message).parameters) == [
            "self", "msg", "cell", "cell_index",
        ], broken  # fmt: skip


def test_mkdocs_leaves_in_a_page_what_a_kept_conversion_puts_there():
    """`integrations/converted.py` keeps it, and gives it back instead of converting again."""
    from mkdocs.structure import pages

    source = inspect.getsource(pages.Page.render)
    for name in ("content", "toc", "_title_from_render", "present_anchor_ids", "links_to_anchors"):
        assert f"self.{name}" in source, (
            f"MkDocs cambió: Page.render ya no deja «{name}» en la página (integrations/converted.py)"
        )


def test_mkdocs_has_the_pieces_that_the_server_uses():
    """`integrations/serving/site.py` does with them, for one page, what `mkdocs build` does for all."""
    from mkdocs.commands import build
    from mkdocs.structure import files, nav, pages

    broken = "MkDocs cambió: falta {} (integrations/serving/site.py)"
    for module, name in (
        (build, "get_context"), (files, "get_files"), (files, "set_exclusions"),
        (nav, "get_navigation"), (pages, "Page"),
    ):  # fmt: skip
        assert callable(getattr(module, name, None)), broken.format(f"{module.__name__}.{name}")


def test_nbclient_cleans_its_kernel_up_by_that_name():
    """`session._started` takes it off what is left for the end of the process."""
    from nbclient import NotebookClient

    assert callable(getattr(NotebookClient, "_cleanup_kernel", None)), (
        "nbclient cambió: ya no hay NotebookClient._cleanup_kernel (execution/session.py)"
    )
