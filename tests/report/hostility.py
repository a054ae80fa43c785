"""Texts with which a target may try to break out of a report."""

from __future__ import annotations

HOSTILE = {
    "script": "<script>alert(1)</script>",
    "attribute": "\"'><img src=http://elsewhere.test/x onerror=alert(1)>",
    "style": "</style></pre><iframe srcdoc='<script>1</script>'></iframe>",
    "cdata": "]]><injected/>",
    "entity": "&#60;b&#62; &lt;b&gt; &nosuch;",
    "template": "{{ facts }} {% raw %} {# x #}",
    "nul": "a\x00b",
    "ansi": "\x1b[31mred\x1b]0;title\x07\x9b2J",
    "surrogate": "a\ud800b\udfffc",
    "noncharacters": "a\ufffe\uffffb",
    "bidi": "a\u202egnp.exe\u2066",
    "lines": "a\r\nb\u2028c\x85d",
    "long": "<" * 100_000,
}
