"""What programs add to Markdown: what they show is text, what only they read is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from search.sources.text.markdown_dialects import shown_text
from tests.sources.reader_helpers import article
from tests.timeouts import in_proportion


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("[[Boats]] and [[Boats#Masts]], [[a/Boats|the boats]]", "Boats and Boats Masts, the boats"),
        ("![[sail.png]] ![[sail.png|300x200]] ![[sail.png|At sea]]", "At sea"),
        ("> [!note] Title\n> Text.", "Title Text."),
        ("> [!WARNING]-\n> Text.", "Text."),
        ("- [ ] buy", "buy"),
        ("- [x] **sold** it", "sold it"),
        ("[x] is text", "[x] is text"),
        ("==Now== a == b == c", "Now a == b == c"),
        ("use '===', not '==', as a==b==c", "use '===', not '==', as a==b==c"),
        ("Shown %%not shown%% and 50%% of it", "Shown and 50%% of it"),
        ("Text ^a1b2c3", "Text"),
        ("x ^2", "x ^2"),
        ("Text\n{: .lead #top}", "Text"),
        ('[Link](/a){:target="_blank"} here', "Link here"),
        ("## Head {#top .big}", "Head"),
        ("x^{.5} and {:a 1}", "x^{.5} and {:a 1}"),
        ("* TOC\n{:toc}\n\nText", "Text"),
        ("[TOC]\n\n[[_TOC_]]\n\nText", "Text"),
        ('{{< figure src="a.png" title="At sea" >}}', "At sea"),
        ("{{% notice info %}}Text{{% /notice %}} {{<clear>}}", "Text"),
        ("{% highlight ruby %}\nputs 1\n{% endhighlight %}", "puts 1"),
        ("{{ name }} is text", "{{ name }} is text"),
        ("`{{< a >}}`, `[[b]]` and `==c==` [[d]]", "{{< a >}}, [[b]] and ==c== d"),
        ("```\n{% if a %}\n[[b]]\n```", "{% if a %} [[b]]"),
        ("| a |\n|---|\n| [[b\\|c]] |", "a c"),
    ],
)
def test_what_is_shown(tmp_path: Path, line: str, shown: str) -> None:
    """Brackets and tags were glued to words, in results and in quotes; in code they are what it is about."""
    assert " ".join(article(tmp_path, "a.md", f"# T\n\n{line}\n").paragraphs) == shown


@pytest.mark.parametrize("text", ["[[", "[[a|", "{{<", "{%", "%%", "==a", "{: ", " ^", "{: .a", "{{< title='"])
def test_work_is_in_proportion(text: str) -> None:
    """A line that is made to be slow must not hold up the run."""
    with in_proportion():
        shown_text(text * 200_000)
