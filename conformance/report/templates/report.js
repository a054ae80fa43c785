"use strict";
// The page works without this: what is added is the filter by text, a count, copying, and opening what a link points at.
(() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const search = document.getElementById("search");
  const count = document.getElementById("shown-count");
  const rows = all(".requirement").map((row) => ({
    row,
    verdict: row.dataset.verdict,
    level: row.dataset.level,
    text: [".title", ".id", ".statement", ".claim", ".reason"]
      .flatMap((part) => all(part, row))
      .map((part) => part.textContent)
      .join(" ")
      .toLowerCase(),
  }));

  const chosen = (name) => document.querySelector(`input[name="${name}"]:checked`).value;

  function filter() {
    const verdict = chosen("verdict");
    const level = chosen("level");
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const shown = new Set();
    for (const entry of rows) {
      const found = words.every((word) => entry.text.includes(word));
      entry.row.classList.toggle("unlike", !found);
      if (found && (!verdict || entry.verdict === verdict) && (!level || entry.level === level)) {
        shown.add(entry.row);
      }
    }
    for (const rest of all(".rest")) {
      const found = all(".requirement", rest).some((row) => shown.has(row));
      rest.classList.toggle("empty", !found);
      if (found && (verdict || level || words.length)) rest.open = true;
    }
    for (const surface of all(".surface")) {
      surface.classList.toggle("empty", !all(".requirement", surface).some((row) => shown.has(row)));
    }
    count.textContent = `${shown.size} of ${rows.length} requirements are shown.`;
    return shown;
  }

  function reveal() {
    let name = "";
    try {
      name = decodeURIComponent(location.hash.slice(1));
    } catch {
      return;
    }
    const target = name && document.getElementById(name);
    if (!target) return;
    for (let part = target; part; part = part.parentElement) {
      if (part instanceof HTMLDetailsElement) part.open = true;
    }
    // Parts that come into view for the first time may turn out higher than they were taken for.
    target.scrollIntoView();
    requestAnimationFrame(() => requestAnimationFrame(() => target.scrollIntoView()));
  }

  async function copy(button) {
    const text = button.parentElement.querySelector("pre");
    try {
      await navigator.clipboard.writeText(text.textContent);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(text);
      button.textContent = "Selected";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  }

  function fold(open) {
    for (const row of filter()) {
      row.querySelector("details").open = open;
      if (row.parentElement.matches(".rest")) row.parentElement.open = open;
    }
  }

  document.documentElement.classList.add("with-script");
  document.querySelector(".filter").addEventListener("input", filter);
  document.querySelector(".filter").addEventListener("submit", (event) => event.preventDefault());
  document.getElementById("unfold").addEventListener("click", () => fold(true));
  document.getElementById("fold").addEventListener("click", () => fold(false));
  document.addEventListener("click", (event) => {
    if (event.target.matches(".copy")) copy(event.target);
  });
  window.addEventListener("hashchange", reveal);
  filter();
  reveal();
})();
