"""HTML pages that need nothing else: no script, no network, one style inside that the page's own policy names."""

import base64
import hashlib
import re
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from grader.reports.escape import html
from grader.reports.words import of, points

TEMPLATES = Path(__file__).with_name("templates")


def page(template: str, **values: Any) -> str:
    """A whole page. Every value in it is text, made harmless, unless it is markup of our own."""
    return _environment.get_template(template).render(**values)


def prose(text: str) -> Markup:
    """Text in which `names` are set as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", html(text)))


def templates_digest() -> str:
    """Pages made from other templates are other pages."""
    digest = hashlib.sha256()
    for path in sorted(TEMPLATES.iterdir()):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _harmless(value: Any) -> Markup:
    return value if isinstance(value, Markup) else Markup(html(str(value)))


def _made() -> Environment:
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        finalize=_harmless,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    style = (TEMPLATES / "style.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    made.globals |= {"style": Markup(style), "style_digest": digest}
    made.filters |= {"prose": prose, "points": points, "percent": percent}
    made.globals["of"] = of
    return made


_environment = _made()
