// Shows results while a query is typed: fetches the page that the search form would lead to, and replaces the parts of
// this page by its parts. All that is typed is one step of the history: Back leads to what was there before. Where the
// query finds nothing yet, or cannot be read yet, what is there stays, paler, and the heading says so; Enter shows more.
"use strict";

(() => {
  const REST = 350; // milliseconds without a key, after which results are asked for
  let timer = 0;
  let asking = new AbortController();
  const isOff = () => {
    try {
      return localStorage.getItem("stemma.live") === "off";
    } catch {
      return false; // a browser that stores nothing for pages
    }
  };
  const address = () => location.pathname + location.search;
  let here = address();
  let typing = false; // whether the newest step of the history is what is being typed

  function show(page, url) {
    const box = document.getElementById("q");
    document.title = page.title;
    if (document.body.className !== page.body.className) {
      // On the home page the box is in the middle: it moves to the top, with its text and its caret.
      const { value, selectionStart, selectionEnd } = box;
      document.querySelector(".top").replaceWith(page.querySelector(".top"));
      document.body.className = page.body.className;
      const moved = document.getElementById("q"); // the new box: the first, while the old one is still below
      document.querySelector("main").replaceWith(page.querySelector("main"));
      moved.value = value;
      moved.focus();
      moved.setSelectionRange(selectionStart, selectionEnd);
    } else {
      document.querySelector("main").replaceWith(page.querySelector("main"));
    }
    scrollTo(0, 0); // the first result comes into view, wherever the page was
    const feed = page.querySelector("link[rel=alternate]");
    if (feed) {
      document.querySelector("link[rel=alternate]")?.remove();
      document.head.append(feed);
    }
    document.getElementById("found").textContent = document.querySelector("h1").textContent;
    if (typing) history.replaceState(null, "", url);
    else history.pushState(null, "", url);
    typing = true;
    here = address();
    document.dispatchEvent(new Event("results"));
  }

  function wait(message) {
    document.getElementById("found").textContent = message;
    document.querySelector(".results main")?.classList.add("stale");
    document.querySelector(".results .summary h1")?.replaceChildren(message);
  }

  async function ask(form) {
    asking.abort();
    asking = new AbortController();
    const url = "/?" + new URLSearchParams([...new FormData(form)].filter(([name, value]) => value || name === "q"));
    try {
      const response = await fetch(url, { signal: asking.signal });
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      if (page.querySelector(".articles")) show(page, url);
      else if (response.ok) wait("Nothing found so far");
      else if (response.status === 400) wait("Not a whole query so far");
    } catch (error) {
      if (error.name !== "AbortError" && !(error instanceof TypeError)) throw error; // aborted, or no network
    }
  }

  function stop() {
    clearTimeout(timer);
    asking.abort();
  }

  if (document.body.matches(".results, .home")) {
    const found = document.createElement("p");
    found.id = "found";
    found.className = "unseen";
    found.setAttribute("role", "status");
    document.body.append(found);
    document.addEventListener("input", (event) => {
      if (event.target.id !== "q" || event.isComposing || isOff()) return;
      stop();
      if (event.target.value.trim()) timer = setTimeout(ask, REST, event.target.form);
    });
    document.addEventListener("submit", stop);
    document.addEventListener("focusout", (event) => { if (event.target.id === "q" && document.hasFocus()) typing = false; });
    addEventListener("popstate", () => {
      if (address() === here) return;
      stop();
      location.reload();
    });
  }
})();
