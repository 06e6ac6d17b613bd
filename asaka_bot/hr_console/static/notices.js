"use strict";
// Everything works without this file. With it figures come by themselves, characters are counted, audiences are clicked.
(() => {
  const EVERY_MS = 3000;

  for (const element of document.querySelectorAll("[data-script]")) element.hidden = false;
  for (const field of document.querySelectorAll("[data-counts]")) count(field);
  for (const field of document.querySelectorAll("[data-filters]")) filter(field);
  build(document.querySelector(".builder"));
  if (live()) setTimeout(refresh, EVERY_MS);

  /** Says below a field how many characters it holds. */
  function count(field) {
    const most = Number(field.dataset.counts);
    const shown = document.createElement("p");
    shown.className = "hint counter";
    field.after(shown);
    const tell = () => {
      const length = [...field.value.trim()].length;
      shown.textContent = `${length.toLocaleString("ja-JP")}文字（${most.toLocaleString("ja-JP")}文字まで）`;
      shown.classList.toggle("error", length > most);
    };
    field.addEventListener("input", tell);
    tell();
  }

  /** Hides what doesn't contain the words typed; what is ticked stays. */
  function filter(field) {
    const list = document.getElementById(field.dataset.filters);
    field.addEventListener("input", () => {
      const words = field.value.trim().toLowerCase().split(/[\s　]+/);
      for (const item of list.children) {
        const text = item.textContent.toLowerCase();
        item.hidden = !item.querySelector("input").checked && !words.every((word) => text.includes(word));
      }
    });
    field.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault());
  }

  /** Writes the audience from what is chosen. */
  function build(builder) {
    if (!builder) return;
    const kinds = builder.querySelector("[data-kinds]");
    const audience = document.getElementById("audience");
    const said = document.getElementById("built");
    const choose = () => {
      for (const part of builder.querySelectorAll("[data-kind]")) part.hidden = part.dataset.kind !== kinds.value;
    };
    kinds.addEventListener("change", choose);
    choose();
    builder.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target.tagName === "INPUT") event.preventDefault();
    });
    builder.addEventListener("click", (event) => {
      const sign = event.target.dataset.build;
      if (!sign) return;
      const part = builder.querySelector(`[data-kind="${kinds.value}"]`);
      const field = part && part.querySelector("input, select");
      const value = field ? field.value.trim() : "";
      if (field && !value) {
        said.textContent = `${part.querySelector("label").textContent}を選んでください。`;
        field.focus();
        return;
      }
      const quoted = /[\s()":（）：]/.test(value) ? `"${value.replaceAll('"', "")}"` : value;
      const word = field ? `${kinds.value}:${quoted}` : kinds.value;
      const before = audience.value.trim();
      if (!before && sign === "-") {
        said.textContent = "除く前に、まず宛先をあわせてください。";
        return;
      }
      audience.value = before ? `${before} ${sign} ${word}` : word;
      said.textContent = `宛先：${audience.value}`;
    });
  }

  function live() {
    const shown = document.getElementById("live");
    return shown && !("finished" in shown.dataset) ? shown : null;
  }

  /** Exchanges the figures; the sentence above them is changed only where it says something new. */
  async function refresh() {
    const shown = live();
    if (!shown) return;
    if (!document.hidden) {
      try {
        const response = await fetch(shown.dataset.live, { headers: { Accept: "text/html" } });
        if (response.ok) await exchange(shown, parsed(await response.text()));
        else if (response.status < 500) return; // signed out: the next click says so
      } catch {
        // No network: the figures stay as they were, the next turn tries again.
      }
    }
    if (live()) setTimeout(refresh, EVERY_MS);
  }

  function parsed(html) {
    return new DOMParser().parseFromString(html, "text/html");
  }

  /** Once nothing waits, other things can be done than before: that part is drawn anew, unless somebody is busy in it. */
  async function finish() {
    for (const promise of document.querySelectorAll("[data-while-sending]")) promise.hidden = true;
    const shown = document.querySelector("[data-follow-up]");
    if (!shown || shown.contains(document.activeElement) || shown.querySelector("details[open]")) return;
    const response = await fetch(location.pathname, { headers: { Accept: "text/html" } });
    const next = response.ok && parsed(await response.text()).querySelector("[data-follow-up]");
    if (next) shown.replaceWith(document.importNode(next, true));
  }

  async function exchange(shown, page) {
    const next = page.getElementById("live");
    if (!next) return;
    if ("finished" in next.dataset) await finish();
    const focused = shown.contains(document.activeElement) ? document.activeElement.id : "";
    const open = new Map([...shown.querySelectorAll("details")].map((fold) => [fold.id, fold.open]));
    shown.replaceWith(document.importNode(next, true));
    for (const [id, wasOpen] of open) {
      const fold = document.getElementById(id);
      if (fold) fold.open = wasOpen;
    }
    const again = focused && document.getElementById(focused);
    if (again) again.focus({ preventScroll: true });
    const summary = document.getElementById("live-summary");
    if (summary.textContent !== next.dataset.summary) summary.textContent = next.dataset.summary;
  }
})();
