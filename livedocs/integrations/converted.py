"""Pages converted before: MkDocs gets the HTML of one that would come out the same, and converts the others.

What MkDocs takes from a conversion is what its `Page.render` leaves in the page; that is what is kept.
"""

from __future__ import annotations

import logging
import re
from functools import partial
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page
from mkdocs.structure.toc import AnchorLink, TableOfContents

from livedocs.kept import Kept, digest, folder_digest
from livedocs.rendering import drawings
from livedocs.settings import Settings
from livedocs.staging import Staged

_HELD = re.compile(r"<!-- livedocs: fragment (\S+) -->")


class Converted:
    """The pages of one build.

    Args:
        kept: Where they are from one build to the next.
        settings: The project.
        staged: What is being built.
        config: As MkDocs has it.
    """

    def __init__(self, kept: Kept, settings: Settings, staged: Staged, config: MkDocsConfig):
        self.kept, self.settings, self.staged = kept, settings, staged
        glossary = settings.docs / "glosario.yml"
        read = (Path(config.config_file_path), *([glossary] if glossary.is_file() else ()))
        self.common = digest(
            *(path.read_bytes() for path in read),
            folder_digest(settings.docs / drawings.FOLDER),
            repr((config.site_url, config.use_directory_urls)),
        )
        self.files: tuple[Files | None, str] = (None, "")

    def take_over(self, page: Page, text: str, files: Files) -> None:
        """Make a page whose Markdown is `text` be converted only if it has to."""
        if files is not self.files[0]:  # where links may lead
            self.files = files, digest(*sorted(f"{file.src_uri} {file.inclusion}" for file in files))
        uri = page.file.src_uri
        held = [path for name in _HELD.findall(text) if (path := self.settings.root / name).is_file()]
        names = (self.common, self.files[1], self.staged.names.get(uri, ""))
        key = "converted", uri, digest(text, *names, *(path.read_bytes() for path in held))
        page.render = partial(self._render, page, key)

    def _render(self, page: Page, key: tuple, config: MkDocsConfig, files: Files) -> None:
        made = []

        def convert() -> dict | None:
            with _Warned() as warned:
                Page.render(page, config, files)
            made.append(page)
            return None if warned.any else _left_in(page)

        left = self.kept.of(key, convert)
        if left is None and not made:  # it warned the time before, and has to warn again
            Page.render(page, config, files)
        elif not made:
            _put_in(page, left, files)


class _Warned(logging.Handler):
    """Whether something was warned of meanwhile: a page that warns is converted every time."""

    def __init__(self):
        super().__init__(logging.WARNING)
        self.any = False

    def emit(self, record: logging.LogRecord) -> None:
        self.any = True

    def __enter__(self) -> _Warned:
        logging.getLogger("mkdocs").addHandler(self)
        return self

    def __exit__(self, *exc) -> None:
        logging.getLogger("mkdocs").removeHandler(self)


def _left_in(page: Page) -> dict:
    """What a conversion leaves in a page, in plain values."""
    links = page.links_to_anchors
    return {
        "content": page.content,
        "toc": [_entry(item) for item in page.toc],
        "title": page._title_from_render,
        "ids": sorted(page.present_anchor_ids),
        "links": None if links is None else [[file.src_uri, dict(to)] for file, to in links.items()],
    }


def _put_in(page: Page, left: dict, files: Files) -> None:
    page.content = left["content"]
    page.toc = TableOfContents([_link(entry) for entry in left["toc"]])
    page._title_from_render = left["title"]
    page.present_anchor_ids = set(left["ids"])
    if left["links"] is not None:
        page.links_to_anchors = {files.src_uris[uri]: dict(to) for uri, to in left["links"]}


def _entry(item: AnchorLink) -> list:
    return [item.title, item.id, item.level, [_entry(child) for child in item.children]]


def _link(entry: list) -> AnchorLink:
    title, anchor, level, children = entry
    link = AnchorLink(title, anchor, level)
    link.children = [_link(child) for child in children]
    return link
