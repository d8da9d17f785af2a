// The page of results: filters in a panel, a search in long lists of values, a range of dates drawn over the bars, and
// menus that close by themselves. Without this script links and the page /filters do the same.
"use strict";

(() => {
  const LONG = 9; // number of values from which on a list has a search field

  // The panel is the form of /filters as a dialog. The browser moves the focus into it, and back when it closes.
  async function openPanel(href) {
    const response = await fetch(href).catch(() => null);
    const page = response?.ok && new DOMParser().parseFromString(await response.text(), "text/html");
    const panel = page && page.querySelector(".panel");
    if (!panel) return location.assign(href);
    const dialog = document.createElement("dialog");
    dialog.className = "panel";
    dialog.setAttribute("aria-label", "Filters");
    const close = document.createElement("button");
    close.type = "button";
    close.className = "close quiet";
    close.textContent = "Close";
    close.addEventListener("click", () => dialog.close());
    const heading = panel.querySelector("h1");
    const title = document.createElement("h2");
    title.textContent = heading.textContent;
    heading.replaceWith(title);
    dialog.append(close, ...panel.childNodes);
    dialog.addEventListener("close", () => dialog.remove());
    dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
    document.body.append(dialog);
    searchable(dialog);
    dialog.showModal();
    const part = href.split("#")[1];
    if (part) dialog.querySelector(`[id="${CSS.escape(part)}"] input`)?.focus();
  }

  function searchable(within) {
    for (const list of within.querySelectorAll(".long .values")) {
      if (list.children.length < LONG) continue;
      const box = document.createElement("input");
      box.type = "search";
      box.className = "find";
      box.placeholder = "Find in this list";
      box.setAttribute("aria-label", `Find in the list: ${list.closest("fieldset").querySelector("legend").textContent}`);
      box.addEventListener("input", () => {
        const wanted = box.value.trim().toLowerCase();
        for (const row of list.children) {
          row.hidden = !row.querySelector("bdi").textContent.toLowerCase().includes(wanted);
        }
      });
      box.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
      list.before(box);
    }
  }

  // A range of dates is chosen by dragging from one bar to another, or by clicking one, then another with Shift.
  let pressed = null;
  const barOf = (event) => event.target.closest?.(".bars a");

  function datesOf(bar) {
    const query = new URL(bar.href.baseVal, location.href).searchParams;
    return [query.get("date_from"), query.get("date_to")];
  }

  function between(one, other) {
    const [[first], [, last]] = [datesOf(one), datesOf(other)].sort();
    return [first, last];
  }

  function range(one, other) {
    const [first, last] = between(one, other);
    const section = one.closest("section, fieldset");
    section.querySelector("[name=date_from]").value = first;
    section.querySelector("[name=date_to]").value = last;
    if (section.matches("section")) section.querySelector("form").requestSubmit();
    else show(section.querySelector(".bars"), first, last);
  }

  function show(bars, first, last) {
    for (const bar of bars.querySelectorAll("a")) {
      const [from, to] = datesOf(bar);
      bar.classList.toggle("within", from >= first && to <= last);
    }
  }

  document.addEventListener("pointerdown", (event) => { pressed = event.button ? null : barOf(event); });
  document.addEventListener("dragstart", (event) => { if (barOf(event)) event.preventDefault(); });
  document.addEventListener("pointermove", (event) => {
    const bar = pressed && barOf(event);
    if (bar) show(bar.closest(".bars"), ...between(pressed, bar));
  });
  document.addEventListener("pointerup", (event) => {
    const bar = barOf(event);
    if (pressed && bar && bar !== pressed) {
      range(pressed, bar);
      pressed = null;
    } else letGo();
  });
  document.addEventListener("pointercancel", letGo);

  function letGo() {
    if (pressed?.closest("section")) for (const bar of pressed.closest(".bars").querySelectorAll(".within")) bar.classList.remove("within");
    pressed = null;
  }

  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll(".menu[open]")) if (!menu.contains(event.target)) menu.open = false;
    if (event.ctrlKey || event.metaKey) return;
    const bar = barOf(event);
    const chosen = bar && bar.closest(".bars").querySelector("[aria-current]");
    const opener = event.target.closest?.("a[data-panel]");
    if (bar && (event.shiftKey || bar.closest("dialog"))) {
      event.preventDefault();
      range((event.shiftKey && chosen) || bar, bar);
    } else if (opener) {
      event.preventDefault();
      openPanel(opener.href);
    }
  });

  // "only" and "without" exclude each other: of the two boxes of a value one can be ticked.
  document.addEventListener("change", (event) => {
    if (!event.target.matches(".values [type=checkbox]") || !event.target.checked) return;
    for (const box of event.target.closest("li").querySelectorAll("input")) box.checked = box === event.target;
  });

  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && document.querySelector(".menu[open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
    const bar = document.activeElement?.closest?.(".bars a");
    const next = bar && { ArrowRight: bar.nextElementSibling, ArrowLeft: bar.previousElementSibling }[event.key];
    if (next) {
      event.preventDefault();
      next.focus();
    }
  });

  searchable(document);
})();
