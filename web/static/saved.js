// Saves searches and starred articles in the localStorage of this browser, and nowhere else. This script adds the
// buttons for it, too: without it there are none.

const MOST = 500; // entries of each kind; the oldest are dropped
function stored(name) {
  try {
    const found = JSON.parse(localStorage.getItem(name) ?? "[]");
    return Array.isArray(found) ? found.filter((one) => typeof one?.url === "string" && /^\/(?!\/)/.test(one.url)) : [];
  } catch {
    return []; // broken JSON, or a browser that stores nothing for pages
  }
}

function store(name, entries) {
  try {
    localStorage.setItem(name, JSON.stringify(entries.slice(0, MOST)));
    return true;
  } catch {
    return false; // no room, or not allowed
  }
}

function kept() {
  try {
    return localStorage.getItem("stemma.keep") !== "off";
  } catch {
    return false;
  }
}

function made(tag, text, properties = {}) {
  const element = Object.assign(document.createElement(tag), properties);
  element.textContent = text;
  return element;
}

function pressable(text, act, properties = {}) {
  const button = made("button", text, { type: "button", ...properties });
  button.addEventListener("click", act);
  return button;
}

function rememberSearch() {
  const url = document.querySelector("[data-search]")?.dataset.search; // the URL of the first page of these results
  const q = url && new URL(url, location.href).searchParams.get("q").trim();
  if (!q || !kept()) return;
  const others = stored("stemma.searches").filter((one) => one.url !== url);
  store("stemma.searches", [{ url, q, at: new Date().toISOString() }, ...others]);
}

function addStar(article) {
  const { url, title, day } = article.dataset;
  const button = pressable("", () => {
    const others = stored("stemma.stars").filter((one) => one.url !== url);
    const adds = others.length === stored("stemma.stars").length;
    store("stemma.stars", adds ? [{ url, title, day, at: new Date().toISOString() }, ...others] : others);
    show();
  });
  function show() {
    const starred = stored("stemma.stars").some((one) => one.url === url);
    button.textContent = starred ? "★" : "☆";
    button.setAttribute("aria-pressed", String(starred));
  }
  button.className = "star";
  button.title = "Star this article: kept in this browser only";
  button.setAttribute("aria-label", `Star: ${title}`);
  show();
  const byline = article.querySelector(".byline");
  ([...(byline?.querySelectorAll(".apart") ?? [])].at(-1) ?? byline)?.append(" ", button); // not alone on a line
}

// A moment as dates of articles are written: 20 July 1969, in the time zone of this browser.
function written(at) {
  const date = new Date(at);
  return isNaN(date) ? "" : date.toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric" });
}

function list(place, name, title, label, nothing) {
  const entries = stored(name);
  const items = document.createElement("ul");
  entries.forEach((one, position) => {
    const item = document.createElement("li");
    const link = made("a", label(one), { href: one.url, dir: "auto" });
    const when = made("span", one.day ?? written(one.at), { className: "count" });
    const remove = () => {
      store(name, stored(name).filter((other) => other.url !== one.url));
      showAll(place);
      focusAfter(place, title, position);
    };
    item.append(link, when, pressable("Remove", remove, { className: "quiet", ariaLabel: `Remove ${label(one)}` }));
    items.append(item);
  });
  place.append(made("h2", title), entries.length ? items : made("p", nothing, { className: "light" }));
  return entries;
}

// The focus goes to the entry that took the place of one that was removed, or to the heading above where it stood.
function focusAfter(place, title, position) {
  const heading = [...place.querySelectorAll("h2")].find((one) => one.textContent === title);
  const items = [...(heading.nextElementSibling.matches("ul") ? heading.nextElementSibling.children : [])];
  const next = items[Math.min(position, items.length - 1)]?.querySelector("button") ?? heading;
  if (next === heading) heading.tabIndex = -1;
  next.focus();
}

function download(contents) {
  const file = URL.createObjectURL(new Blob([JSON.stringify(contents, null, 2)], { type: "application/json" }));
  Object.assign(document.createElement("a"), { href: file, download: "stemma.json" }).click();
  setTimeout(() => URL.revokeObjectURL(file), 10_000);
}

function showAll(place) {
  place.replaceChildren();
  const stars = list(place, "stemma.stars", "Stars", (one) => one.title || one.url, "No article has a star yet.");
  const searches = list(place, "stemma.searches", "Searches", (one) => one.q || one.url, "No search is kept yet.");
  const tools = made("p", "", { className: "tools" });
  if (stars.length) tools.append(pressable("Clear stars", () => clear(place, "stemma.stars", "Stars")));
  if (searches.length) tools.append(pressable("Clear searches", () => clear(place, "stemma.searches", "Searches")));
  if (stars.length || searches.length) {
    tools.prepend(pressable("Export as JSON", () => download({ stars: stored("stemma.stars"), searches: stored("stemma.searches") })));
  }
  const box = made("input", "", { type: "checkbox", checked: kept() });
  box.addEventListener("change", () => localStorage.setItem("stemma.keep", box.checked ? "on" : "off"));
  const choice = made("label", "");
  choice.append(box, "Keep my searches");
  tools.append(choice);
  place.append(tools);
}

function clear(place, name, title) {
  if (!confirm(`Delete all ${title.toLowerCase()} of this browser?`)) return;
  store(name, []);
  showAll(place);
  focusAfter(place, title, 0);
}

function allowed() {
  try {
    localStorage.setItem("stemma.probe", "");
    localStorage.removeItem("stemma.probe");
    return true;
  } catch {
    return false;
  }
}

const place = document.getElementById("saved");
if (!allowed()) {
  place?.replaceChildren(made("p", "Nothing is kept, because this browser does not allow it.", { className: "note" }));
} else {
  const addStars = () => document.querySelectorAll("[data-url]").forEach(addStar);
  rememberSearch();
  addStars();
  document.addEventListener("results", addStars); // while a query is typed; it is remembered at `pagehide`
  addEventListener("pagehide", rememberSearch);
  if (place) showAll(place);
  else {
    const way = document.createElement("p");
    way.append(made("a", "Your searches and stars", { href: "/saved" }));
    document.querySelector(".bottom .frame")?.append(way);
  }
}
