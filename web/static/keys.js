// Keys: / leads to the search box, j and k from result to result, n and p from page to page, ? to a list of the keys. On
// the page of an article j, k, n and p are those of article.js. All can be done with a pointer, or Tab and Enter, too.
"use strict";

(() => {
  const KEYS = [
    ["/", "to the search box"],
    ["j, k", "next, previous result"],
    ["Enter", "open it"],
    ["n, p", "next, previous page of results; in an article, match"],
    ["?", "this list"],
  ];

  function step(by) {
    const links = [...document.querySelectorAll(".articles h2 a")];
    const at = links.findIndex((link) => link.closest("li").contains(document.activeElement));
    const link = links[at < 0 ? (by > 0 ? 0 : links.length - 1) : at + by];
    link?.focus();
    link?.closest("li").scrollIntoView({ block: "nearest" });
  }

  function element(tag, properties, ...children) {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children);
    return made;
  }

  function listOfKeys() {
    const rows = KEYS.map(([keys, what]) =>
      element("div", {}, element("dt", {}, element("kbd", { textContent: keys })), element("dd", { textContent: what })));
    const live = element("input", { type: "checkbox" });
    try {
      live.checked = localStorage.getItem("stemma.live") !== "off";
      live.addEventListener("change", () => localStorage.setItem("stemma.live", live.checked ? "on" : "off"));
    } catch {
      Object.assign(live, { checked: true, disabled: true }); // a browser that stores nothing for pages
    }
    const close = element("button", { className: "quiet", textContent: "Close" });
    const dialog = element("dialog", { className: "keys", ariaLabel: "Keys" },
      element("h2", { textContent: "Keys" }), element("dl", {}, ...rows),
      element("label", { className: "row" }, live, "Show results while I type (kept in this browser)"), close);
    close.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  }

  const ACTIONS = {
    "/": () => {
      const box = document.getElementById("q");
      box?.focus(); // which scrolls to the box, as `select` does not
      box?.select();
    },
    "?": listOfKeys,
    j: () => step(1),
    k: () => step(-1),
    n: () => document.querySelector(".found .pages a[rel=next]")?.click(),
    p: () => document.querySelector(".found .pages a[rel=prev]")?.click(),
  };

  document.addEventListener("keydown", (event) => {
    const act = ACTIONS[event.key];
    const taken = event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented || document.querySelector("dialog[open]");
    // a list of keys that was just closed may have the focus until the page is drawn again
    if (!act || taken || event.target.closest("input, select, textarea")?.matches(":not(dialog *)")) return;
    const results = document.querySelector(".articles");
    if (!results && "jknp".includes(event.key)) return;
    event.preventDefault();
    act();
  });

  const button = element("button", { type: "button", className: "quiet small", textContent: "Keys: ?" });
  button.addEventListener("click", listOfKeys);
  document.querySelector(".bottom .frame")?.append(button);
})();
