"""What of a page is its text: everything that a person came for, and none of the frame around it.

In these pages small letters are text and capitals are not.
"""

from __future__ import annotations

import random
from collections import Counter

import pytest

from search.sources import Options, Record
from search.sources.formats.html import read_html
from tests.sources.character_counts import character_data, check_all_accounted, letters_of

P = "<p>the council met on tuesday evening to discuss the repair of the old pumping station near the harbour.</p>"
Q = "<p>engineers explained that the pumps had been installed long ago, and that spare parts were no longer made.</p>"
LINKS = "<ul><li><a href=/x>HOME</a></li><li><a href=/y>POLITICS</a></li><li><a href=/z>SPORTS</a></li></ul>"
COOKIES = (
    "<p>WE USE COOKIES TO MAKE THIS SITE BETTER. BY GOING ON YOU AGREE TO OUR USE OF COOKIES.</p><button>OK</button>"
)

PAGES = {
    "main": (
        f"<a class='skip-link' href='#m'>SKIP TO CONTENT</a><header><h1>SITE</h1><nav>{LINKS}</nav></header>"
        f"<main id=m><h1>levee</h1>{P}<aside><p>note: the levee is old.</p></aside>{Q}<footer>correction: none."
        f"</footer>"
        f"</main><aside><h2>RELATED</h2>{LINKS}</aside><footer><p>COPYRIGHT THE GULL</p></footer>"
    ),
    "article": (
        f"<div id='cookie-banner'>{COOKIES}</div><div class=topbar>{LINKS}</div><div class=logo>THE GULL</div>"
        f"<article><header><p class=kicker>politics</p><h1>levee</h1><p class=byline>by our reporter</p></header>{P}"
        "<figure><img src=a><figcaption>the pump, seen from the mole</figcaption></figure>"
        f"<div class='share-buttons'>SHARE: <a href=f>FACEBOOK</a> <a href=t>MAIL</a></div>{Q}<h2>sources</h2>"
        "<ul><li><a href=a>minutes of the council</a></li><li><a href=b>the plan</a></li></ul>"
        "<ol class=footnotes><li>see the minutes.</li></ol><div class=author-note>the author lives here</div>"
        f"<div class=newsletter-signup><p>GET OUR NEWS EACH MORNING.</p><form><input><button>GO</button></form></div>"
        f"<section class=related><h3>MORE STORIES</h3><article><a href=x><h4>OTHER STORY</h4></a></article></section>"
        f"</article><div class=sidebar><h3>ABOUT US</h3><p>THE GULL IS A PAPER FOR ALL WHO LIVE AT THE COAST.</p></div>"
        f"<section id=comments><h3>COMMENTS</h3><p>GREAT ARTICLE, THANK YOU VERY MUCH.</p></section>"
        "<div>COPYRIGHT THE GULL, ALL RIGHTS RESERVED.</div>"
    ),
    "soup": (
        f"<div>{LINKS}</div><h1>levee</h1>{P}<h2>reasons</h2><ul><li>frozen sluice</li><li>no key</li></ul><dl>"
        f"<dt>sluice"
        f"<dd>a gate</dl>{Q}<div>plain words in a div</div><table><tr><td>monday<td>closed</table><h2>links</h2>"
        f"<ul><li>"
        f"<a href=a>a report</a></li></ul><p class=caption>the pump</p><div id=cc><div>{COOKIES}</div></div>"
        "<div><a href=a>IMPRINT</a> | <a href=b>CONTACT</a></div><footer>COPYRIGHT THE GULL</footer>"
    ),
    "content": (
        f"<div id=header><div class=site-title>THE GULL</div>{LINKS}</div><div class=breadcrumbs><a href=/>HOME"
        f"</a> »</div>"
        f"<div id=content class=with-sidebar><div class=entry-content><h1>levee</h1>{P}<blockquote><p>we dig no more,"
        f" said one.</p></blockquote><pre>reading: litres</pre><details><summary>more</summary><p>a clause</p>"
        f"</details>"
        f"{Q}</div><div class=post-tags>TAGS: <a href=a>WATER</a>, <a href=b>TOWN</a></div><div id=sidebar>{LINKS}"
        f"</div>"
        "</div><div id=footer><p>COPYRIGHT THE GULL</p></div>"
    ),
    "form": (
        f"<form id=aspnetForm><div class=menu>{LINKS}</div><h1>levee</h1>{P}{Q}<label class=search>SEARCH <input>"
        f"</label>"
        "<select><option>ENGLISH</select></form>"
    ),
    "hidden": (
        f"<main><h1>levee</h1>{P}<p hidden>OLD TEXT</p><p style='color:red; display: none'>SECRET</p><template>TPL"
        f"</template><noscript>ENABLE SCRIPTS</noscript><dialog>SURE?</dialog><span class=sr-only>OPENS A TAB</span>"
        f"<svg><text>DRAWN</text></svg><select><option>ONE</select><p hidden=until-found>found by search</p>{Q}</main>"
    ),
    "faq": (
        f"<main><h1>questions</h1><h2><button>what is a levee?</button></h2>{P}<section id=related-work>"
        f"<h2>related work"
        f"</h2>{Q}</section><h2 id=menu>the menu</h2><p class=menu-of-the-day>soup and fish, as every friday.</p>"
        "<button>EXPAND ALL</button></main>"
    ),
    "table": (
        f"<table><tr><td width=150>{LINKS}</td><td><h1>levee</h1>{P}{Q}<ul><li>frozen sluice</li></ul></td></tr>"
        f"</table>"
    ),
    "wiki": (
        f"<div id=mw-navigation>{LINKS}</div><div id=content><h1>levee</h1><div class=mw-parser-output>{P}"
        f"<div class=toc>"
        f"<h2>CONTENTS</h2><ul><li><a href='#a'>HISTORY</a></li></ul></div><h2>history <span class=mw-editsection>"
        f"<a href=e>EDIT</a></span></h2>{Q}<div class=reflist><ol class=references><li><a href='#b'>up"
        f"</a> the plan</li>"
        f"</ol></div><div class=navbox><a href=c>LEVEES</a></div></div></div><div class=catlinks><a href=d>WATER"
        f"</a></div>"
    ),
    "columns": (
        "<div class='navbar'><a class='navbar-brand' href='/'>SITE</a><ul class='nav'><li><a href=/a>HOME</a>"
        "</li></ul></div><div class='container'><div class='row'><div class='col-md-8'><h1>title here</h1>"
        f"<p class='lead'>a lead text.</p>{P}<h2>sub heading</h2><ul><li>first item</li><li><a href=x>"
        f"second item</a> text</li></ul>{Q}<h3>notes</h3><ol><li id=n>kepler, letters. <a href='#r'>↩</a></li>"
        "</ol></div><div class='col-md-4'><div class='panel'><h3>RECENT POSTS</h3><ul><li><a href=a>POST ONE"
        "</a></li><li><a href=b>POST TWO</a></li></ul></div></div></div></div><div class='footer'>© SITE. "
        "<a href=/p>PRIVACY</a></div>"
    ),
    "notice": (
        "<div id='notice'><p>THIS WEBSITE USES COOKIES TO IMPROVE YOUR EXPERIENCE.</p><a href='/privacy'>"
        f"LEARN MORE</a><button>ACCEPT</button></div><h1>title</h1>{P}{Q}<p>short end.</p><aside>"
        "an aside of value.</aside>"
    ),
    "outside": (
        f"<header><h1>THE GULL</h1></header><article><h1>title</h1>{P}{Q}</article><section class='footnotes'>"
        "<ol><li>kepler letters</li></ol></section><footer>FOOT</footer>"
    ),
    "links": (
        f"<h1>minutes</h1>{P}<figure><a href=k><img></a><figcaption><a href=l>the mole</a></figcaption></figure>"
        "<blockquote><a href=m>a letter</a></blockquote><address><a href=n>the "
        "office</a></address><pre><a href=o>log</a>"
        "</pre>"
    ),
    "notebook": (
        "<div><span>a note on pumps</span></div><div><a href=a>the log</a></div><div><br></div><div>it is old.</div>"
        "<div><b><a href=b>the map</a></b></div><ol class=commentlist><li><p>GREAT NOTE, THANK YOU.</p></li></ol>"
    ),
    "bare": ("just some text here.<br><br>another one after two breaks.<hr>third"),
    "roles": (
        f"<div role=banner><p>SITE NAME</p></div><div role=main><h1>title</h1>{P}<div role=note>"
        "a note of value.</div></div><div role=complementary><p>SIDE TEXT WITH A SENTENCE.</p></div>"
        "<div role=contentinfo>FOOT</div>"
    ),
    "old": (
        "<table><tr><td colspan=b><a href=/>HOME</a> <a href=/n>NEWS</a></td></tr><tr><td><a href=a>ONE</a>"
        "<br><a href=b>TWO</a></td><td><h1>title</h1>first text block here.<br><br>"
        f"second text block there.{P}{Q}</td></tr></table>"
    ),
    "standfirst": (
        f"<header><h1>vote on the levee</h1><p>a narrow majority backs it.</p></header>{P}{Q}<h2>"
        "links of the week</h2><ul><li><a href=a>harbour plan</a></li><li><a href=b>lighthouse</a></li></ul>"
    ),
    "weblog": (
        "<div id=page><header id=masthead class=site-header><p class=site-title><a href=/>SITE</a></p>"
        "<p class=site-description>JUST ANOTHER SITE</p></header><div id=content class=site-content>"
        "<main id=main><article class=post><header class=entry-header><h1>title</h1></header>"
        f"<div class=entry-content>{P}<h2>head</h2><ul><li>an item</li></ul>{Q}</div></article>"
        "<nav class=post-navigation><a>PREVIOUS</a></nav><div id=comments class=comments-area><p>"
        "LEAVE A REPLY</p></div></main><aside id=secondary class=widget-area><section class=widget><h2>RECENT"
        "</h2><ul><li><a href=a>ONE</a></li></ul></section></aside></div>"
        "<footer id=colophon class=site-footer>PROUDLY POWERED</footer></div>"
    ),
    "exported": (
        "<h1>plan</h1><p><span>see </span><span><a href=x>the harbour plan</a></span><span>, </span><a "
        "href=y><span>its "
        f"annex</span></a>, <em><a href=z>the map</a></em> and <a href=v><span><span>the list</span></span></a>.</p>{P}"
        "<h2><a href=w><span>tides</span></a></h2><ul><li><a href=u><b>a table</b></a></li></ul>"
        "<p>on a river<a href=t><span>[a]</span></a>.</p>"
    ),
    "lead": (
        "<p>the vote <a href=x>in may</a> was <span>narrow</span>. so it "
        f"was.</p><article><h1>vote</h1>{P}{Q}</article>"
        "<p>it goes <a href=y><span>to court</span></a> now. <b>soon</b>, they say.</p><p><span>LOG IN</span></p>"
    ),
    "encyclopedia": (
        "<div><header><a href=/>WIKI</a></header></div><main id=content><header><h1><span>capstan</span></h1>"
        "<div id=p-lang-btn class='vector-dropdown mw-portlet mw-portlet-lang'><label>LANGUAGES</label><ul><li>"
        "<a>DEUTSCH</a></li></ul></div></header><div id=mw-content-text class=mw-body-content><div class="
        "mw-parser-output><div role=note class='hatnote navigation-not-searchable'>for the other one see <a href=c>"
        "capstan (town)</a>.</div><div class='frame navigation-not-searchable'>on y see <a "
        f"href=y>y</a>.</div>{P}<div class='mw-heading mw-heading2'><h2>history</h2><span class=mw-editsection>"
        f"[<a href=e>EDIT</a>]</span></div>{Q}<div class=printfooter>RETRIEVED FROM <a href=r>HERE</a></div></div>"
        "<div id=catlinks class=catlinks><div><a href=k>CATEGORIES</a>: <ul><li><a href=s>SAILING</a></li></ul></div>"
        "</div></div></main>"
    ),
    "blog": (
        "<div class=content><div class=content-outer><header><div class='widget Header'><h1 class=title><a href=/>MY "
        "GARDEN</a></h1></div></header><div class=main-outer><div class='main section' id=main><div "
        "class='widget Blog'>"
        f"<div class='post hentry'><h3 class='post-title entry-title'>beans</h3><div class='post-body entry-content'>"
        f"one text.<br><br>and another.{P}</div></div></div></div><div class=column-right-outer><aside><div class="
        "'sidebar section'><div class='widget BlogArchive'><h2>ARCHIVE</h2><ul><li>MAY</li></ul></div>"
        "<div class='widget Profile'><h2>ABOUT ME</h2><p>I AM A GARDENER WHO LIKES BEANS VERY MUCH.</p></div></div>"
        "</aside></div></div></div></div>"
    ),
    "sections": (
        f"<main><h1>levee</h1>{P}<div class=section-head><h2>the results</h2><div class=share><a href=f>SHARE</a></div>"
        f"</div>{Q}<div><h2>the reasons</h2><button>FOLD</button></div><p>there are some.</p></main>"
    ),
    "blocks": (
        "<div id=wrapper><div id=kopf><a href=/>ELM</a></div><div id=nav><ul><li><a href=r>TOWN "
        "HALL</a></li><li><a href=b>"
        "CITIZENS</a></li></ul></div><div id=inhalt><div id=c1><header><h2>works in "
        f"may</h2></header>{P}</div><div id=c2>"
        "<table><tr><td>elm street</td><td>three weeks</td></tr></table></div><div id=c3><header><h3>whom to ask</h3>"
        "</header><p>works office, room b<br><a href=m>office at elm</a></p></div><div id=c4><ul><li><a href=p>plan</a>"
        "</li></ul></div></div><div id=rechts><h3>EVENTS</h3><ul><li><a href=f>THE FAIR OF ELM</a></li></ul></div>"
        "<div id=fuss><a href=i>IMPRINT</a> <a href=d>PRIVACY</a></div></div>"
    ),
    "wrapped": (
        f"<div class=container><h1>minutes</h1>{P}<div><a href=f>the plan</a></div><dl><dt><a href=g>item</a></dt><dd>"
        "<a href=h>its text</a></dd></dl><figure><a href=k><img></a><figcaption><a href=l>the "
        "mole</a></figcaption></figure>"
        "<blockquote><a href=m>a letter</a></blockquote><p><strong>present:</strong> <a href=a>ann</a>, "
        "<a href=b>bob</a>"
        "</p></div>"
    ),
    "builder": (
        "<div class=top><ul class=builder-menu><li><a href=h>HOME</a></li><li><a href=a>ABOUT</a></li></ul></div><div "
        "class=page-part><section><div class='builder-widget builder-widget-heading'><h1>about us</h1></div></section>"
        f"<section><div class=builder-widget><div class=builder-widget-box>{P}</div></div><div "
        "class=builder-widget><ul>"
        "<li><span>an item</span></li></ul></div><div class=builder-widget><div><a class=fold-title>a "
        "question</a></div>"
        "<div>its answer.</div></div><div class=builder-widget><div>counted</div></div><div "
        f"class=builder-widget>{Q}</div></section></div>"
    ),
    "window": (
        f"<div class=page-wrap><h1>results</h1>{P}{Q}<p>cookies are used for <a "
        "href=c>baking</a>.</p><div class=cc-window>"
        "<span>THIS WEBSITE USES COOKIES.</span> <a href=p>GOT IT</a></div></div>"
    ),
    "book": (
        f"<h1>ships</h1><p>by<br>a. smith</p><div class=chapter><h2>chapter one</h2>{P}{Q}</div><div class=footnotes>"
        "<h3>footnotes</h3><div class=footnote><p><a href='#r'>[a]</a> see the log</p></div></div><p>the end</p>"
    ),
    "noted": (
        f"<article><h1>levee</h1>{P}</article><div class=endnotes><p>see the log</p><div><span>and the map</span></div>"
        "</div>"
    ),
    "names": (
        f"<article><h1>levee</h1>{P}<div class=legal-notice><p>for the law see <a href=a>the act</a>.</p></div>"
        "<div class=more-info><p>call the office, or <a href=w>write</a>.</p></div><div "
        "class=search-tips><p>look for the "
        f"<a href=n>number</a> first.</p></div><div class=more><a href=m>MORE</a></div>{Q}<div class=related>SEE ALSO: "
        "<a href=o>OTHER PUMPS</a></div></article>"
    ),
    "bakery": (
        "<h1>oat biscuits</h1><ul><li>oats and <a href=b>butter</a></li><li>for cookies see <a "
        "href=c>there</a></li></ul>"
        "<div>some cookies are <a href=s>sweet</a>.</div><p>bake well.</p>"
    ),
    "law": (
        f"<h1>who owns a text</h1><p>copyright protects a text for seventy years after the death of the one who wrote "
        f"it, in most countries at least.</p>{P}<p>COPYRIGHT THE GULL</p><p>© THE GULL AND ITS WRITERS. NOTHING ON "
        "THIS PAGE MAY BE PRINTED ANEW OR SENT BY MAIL WITHOUT A LETTER FROM US.</p>"
    ),
    "restaurant": ("<h1>menu</h1><div class=menu><h2>soups</h2><p>fish soup with saffron</p><p>leek soup</p></div>"),
}


def read(body: str) -> Record:
    page = f"<!doctype html><html lang=en><head></head><body>{body}</body></html>"
    return read_html(page.encode(), "x", Options())[0]


@pytest.mark.parametrize("name", PAGES)
def test_every_character_is_accounted_for(name: str) -> None:
    """A list that is lost is found by nobody; a menu that is kept is found on every page."""
    source = character_data(PAGES[name])
    record = read(PAGES[name])
    assert (record.title in source) or record.title == "x"
    check_all_accounted(source if record.title != "x" else f"x {source}", record)


TEXTS = (
    *(P, Q, "<h2>reasons</h2><p>there are some.</p>", "<ul><li>frozen sluice</li><li>no key</li></ul>"),
    *(
        "<ol><li><p>one thing</p></li></ol>",
        "<dl><dt>sluice</dt><dd>a gate</dd></dl>",
        "<blockquote>no more.</blockquote>",
    ),
    *("<figure><img><figcaption>the pump</figcaption></figure>", "<table><tr><th>day<td>hours</tr></table>"),
    *("<pre>litres</pre>", "<details><summary>more</summary>a clause</details>", "<div>plain words in a div.</div>"),
    *("<section class=footnotes><ol><li>see there.</li></ol></section>", "<p class=caption>the mole</p>"),
    *("<address>harbour office</address>", "<p>see <a href=x>the plan</a> for more.</p>", "<hr>"),
)
FRAME = (
    *(f"<nav>{LINKS}</nav>", f"<div class=menu>{LINKS}</div>", f"<div class='cookie-consent'>{COOKIES}</div>"),
    *("<div class=share><a href=a>SHARE</a></div>", "<div class=ad>BUY</div>", "<script>X</script>"),
    *(f"<div role=navigation>{LINKS}</div>", "<div class=breadcrumb><a href=a>HOME</a></div>", "<button>GO</button>"),
    *("<form><label>NAME <input></label></form>", "<div class='newsletter'><p>GET OUR NEWS.</p></div>"),
)
AROUND = (
    *("<header><div>THE GULL</div></header>", "<footer><p>COPYRIGHT THE GULL</p></footer>", f"<div>{LINKS}</div>"),
    *(f"<aside class=sidebar><h3>POPULAR</h3>{LINKS}</aside>", f"<div>{COOKIES}</div>"),
)
OUTER = ("{}", "<main>{}</main>", "<article>{}</article>", "<div id=content>{}</div>", "<div role=main>{}</div>")


@pytest.mark.parametrize("seed", range(150))
def test_pages_put_together_at_random(seed: int) -> None:
    """What is text must not depend on what stands beside it, nor on whether the page has a main element."""
    draw = random.Random(seed)
    inner = [P, *draw.choices(TEXTS, k=draw.randint(1, 8)), Q]
    for frame in draw.choices(FRAME, k=draw.randint(0, 3)):
        inner.insert(draw.randint(0, len(inner)), frame)
    around = [*draw.choices(AROUND, k=2), draw.choice(OUTER).format("<h1>levee</h1>" + "".join(inner))]
    around += draw.choices(AROUND, k=2)
    body = "".join(around)
    check_all_accounted(character_data(body).replace("X", ""), read(body))


def test_how_much_is_wrong_at_most() -> None:
    """The share of text that is lost, and of what is kept that is none, over all these pages."""
    wanted, got = Counter[str](), Counter[str]()
    for body in PAGES.values():
        record = read(body)
        wanted += letters_of("".join(letter for letter in character_data(body) if letter.islower()))
        got += letters_of("\n".join((*record.paragraphs, record.title.removesuffix("x"))))
    assert (wanted - got).total() <= wanted.total() * 0.005
    assert (got - wanted).total() <= wanted.total() * 0.01
