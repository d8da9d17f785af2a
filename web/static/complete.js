// Offers completions of what is typed into the search box, from /api/v1/suggest, in a list below it: the pattern
// "combobox with listbox" of the ARIA Authoring Practices. What is typed stays until an entry is chosen.
"use strict";

(() => {
  const PAUSE = 80; // milliseconds without a key, after which completions are asked for
  const FILTERS = ["match", "scope", "variants", "source", "lang", "date_from", "date_to"]; // of the form, which a search keeps
  const list = document.createElement("ul");
  list.id = "completions";
  list.className = "completions";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Completions");
  list.hidden = true;
  let asked = 0;
  let timer = 0;
  let box = null; // the search box that the list belongs to; live.js may replace it
  let active = null;

  function adopt(found) {
    if (!found || found === box) return;
    box = found;
    box.closest(".box").append(list);
    const attributes = { role: "combobox", "aria-autocomplete": "list", "aria-controls": list.id, "aria-expanded": String(!list.hidden) };
    for (const [name, value] of Object.entries(attributes)) box.setAttribute(name, value);
    activate(active);
  }

  function option(text, count, number) {
    const entry = document.createElement("li");
    entry.id = `completion-${number}`;
    entry.setAttribute("role", "option");
    entry.setAttribute("aria-selected", "false");
    const words = document.createElement("bdi");
    words.textContent = text;
    const found = document.createElement("span");
    found.className = "count";
    const unit = document.createElement("span");
    unit.className = "unseen";
    unit.textContent = count === 1 ? " paragraph" : " paragraphs";
    found.append(count.toLocaleString("en"), unit);
    entry.append(words, " ", found);
    return entry;
  }

  function show(entries) {
    activate(null);
    list.replaceChildren(...entries);
    list.hidden = !entries.length;
    box.setAttribute("aria-expanded", String(!list.hidden));
  }

  function close() {
    clearTimeout(timer);
    asked += 1; // so that an answer that is still on its way is dropped
    if (!list.hidden) show([]);
  }

  function activate(entry) {
    active?.setAttribute("aria-selected", "false");
    active = entry;
    active?.setAttribute("aria-selected", "true");
    active?.scrollIntoView({ block: "nearest" });
    if (active) box.setAttribute("aria-activedescendant", active.id);
    else box.removeAttribute("aria-activedescendant");
  }

  function choose(entry) {
    box.value = entry.querySelector("bdi").textContent;
    close();
    box.form.requestSubmit();
  }

  async function complete(q) {
    const number = ++asked;
    const filters = [...new FormData(box.form)].filter(([name, value]) => value && FILTERS.includes(name));
    const response = await fetch("/api/v1/suggest?" + new URLSearchParams([["q", q], ...filters])).catch(() => null);
    const found = response?.ok ? await response.json() : { completions: [], corrections: [] };
    if (number !== asked || active) return; // a list with a chosen entry is not replaced
    const counts = new Map();
    for (const one of found.corrections) counts.set(one.query, one.total);
    for (const one of found.completions) if (!counts.has(one.text)) counts.set(one.text, one.count);
    show([...counts].map(([text, count], at) => option(text, count, at)));
  }

  document.addEventListener("input", ({ target }) => {
    if (target.id !== "q") return;
    adopt(target);
    activate(null); // what is typed now is asked for, no longer the entry
    clearTimeout(timer);
    if (target.value.trim()) timer = setTimeout(complete, PAUSE, target.value);
    else close();
  });

  document.addEventListener("keydown", (event) => {
    if (event.target !== box || event.isComposing) return;
    const entries = [null, ...list.children]; // null is what was typed, between the last entry and the first
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (list.hidden) {
      if (step !== 1 || !box.value.trim()) return;
      complete(box.value);
    } else if (step) activate(entries.at((entries.indexOf(active) + step) % entries.length));
    else if (event.key === "Escape") close();
    else if (event.key === "Enter" && active) choose(active);
    else return;
    event.preventDefault();
  });

  list.addEventListener("pointerdown", (event) => event.preventDefault()); // the focus stays in the box
  list.addEventListener("click", (event) => {
    const entry = event.target.closest("li");
    if (entry) choose(entry);
  });
  document.addEventListener("focusout", (event) => { if (event.target === box) close(); });
  document.addEventListener("submit", close);
  document.addEventListener("results", () => {
    // for results that live.js shows on the home page, with a new box
    const found = document.getElementById("q");
    if (found === box) return;
    adopt(found);
    if (found === document.activeElement) complete(found.value);
  });
  adopt(document.getElementById("q"));
})();
