"use strict";
// Everything works without this file. With it the conversation stays on one page.
(() => {
  const composer = document.getElementById("composer");
  const log = document.getElementById("log");
  const exit = document.getElementById("exit");
  const WAIT_MS = 30000;
  const DOUBLE_MS = 1000; // two presses of Escape within this time leave the page
  const wide = matchMedia("(min-width: 48rem)");
  let waiting = false;

  for (const element of document.querySelectorAll("[data-script]")) element.hidden = false;
  dress(document);

  /** Opens on wide screens what is folded on narrow ones. */
  function dress(root) {
    if (!wide.matches) return;
    for (const fold of root.querySelectorAll("details[data-open-wide]")) fold.open = true;
  }

  /** What a form sends, with the button pressed. */
  function sent(form, button) {
    const fields = new URLSearchParams(new FormData(form));
    if (button && button.name) fields.set(button.name, button.value);
    return fields;
  }

  async function fetched(url, fields) {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), WAIT_MS);
    try {
      const response = await fetch(url, {
        method: "POST",
        body: fields,
        headers: { Accept: "text/html", "X-Fragment": "1" },
        signal: stop.signal,
      });
      if (!response.ok) throw new Error(String(response.status));
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      return document.importNode(page.body.firstElementChild, true);
    } finally {
      clearTimeout(timer);
    }
  }

  function tell(status, problem) {
    document.getElementById("status").textContent = status;
    document.getElementById("problem").textContent = problem;
  }

  function setWaiting(now) {
    waiting = now;
    log.setAttribute("aria-busy", String(now));
    // aria-disabled, not disabled: the button keeps the focus while it waits.
    document.getElementById("send").setAttribute("aria-disabled", String(now));
  }

  /** Sends a question or a button, and puts the answer at the end of the log. */
  async function converse(form, button) {
    if (waiting) return;
    const fields = sent(form, button);
    fields.set("context", composer.elements.context.value);
    fields.set("role", composer.elements.role.value);
    setWaiting(true);
    tell("調べています…", "");
    try {
      const turn = await fetched(form.getAttribute("action"), fields);
      tell("", "");
      if (form === composer) composer.elements.question.value = "";
      fit();
      receive(turn);
    } catch {
      tell("", "通信できませんでした。入力した文は残っています。電波の状態を確かめて、もう一度お試しください。");
    } finally {
      setWaiting(false);
    }
  }

  function receive(turn) {
    dress(turn);
    composer.elements.context.value = turn.dataset.context;
    composer.elements.role.value = turn.dataset.role;
    if ("sensitive" in turn.dataset) exit.hidden = false;
    log.append(turn);
    const heading = turn.querySelector("h2");
    heading.focus({ preventScroll: true });
    turn.scrollIntoView({ block: "start" });
  }

  /** Sends a vote and thanks in its place. */
  async function vote(form, button) {
    if (form.dataset.sent) return;
    form.dataset.sent = "1";
    const problem = form.querySelector(".problem");
    problem.textContent = "";
    try {
      const thanks = await fetched(form.getAttribute("action"), sent(form, button));
      form.replaceWith(thanks);
      thanks.focus({ preventScroll: true });
    } catch {
      delete form.dataset.sent;
      problem.textContent = "送れませんでした。お手数ですが、もう一度押してください。";
    }
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if ("chat" in form.dataset) {
      event.preventDefault();
      converse(form, event.submitter);
    } else if ("inline" in form.dataset) {
      event.preventDefault();
      vote(form, event.submitter);
    }
  });

  // Leaving at once: nothing stays on the screen, and the back button does not lead here.
  function leave() {
    if (log) log.replaceChildren();
    for (const field of document.querySelectorAll("textarea, input")) field.value = "";
    document.body.hidden = true;
    document.title = "予定表";
    location.replace("/blank");
  }
  let escaped = -Infinity;
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.isComposing || !exit || exit.hidden) return;
    if (event.timeStamp - escaped < DOUBLE_MS) leave();
    escaped = event.timeStamp;
  });
  if (exit) {
    exit.addEventListener("click", (event) => {
      if (!event.target.closest("a")) return;
      event.preventDefault();
      leave();
    });
  }
  // A sensitive page brought back from the browser's memory starts afresh.
  addEventListener("pageshow", (event) => {
    if (event.persisted && exit && !exit.hidden) location.replace("/");
  });

  function fit() {
    const box = composer.elements.question;
    if (CSS.supports("field-sizing", "content")) return;
    box.style.height = "auto"; // set through the CSSOM, which the content policy allows
    box.style.height = `${box.scrollHeight + 2}px`;
  }
  if (composer) {
    composer.elements.question.addEventListener("input", fit);
    composer.elements.question.addEventListener("keydown", (event) => {
      // Enter sends on keyboards of desks; on phones and while kana are being converted it makes a line.
      if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
      if (!matchMedia("(hover: hover) and (pointer: fine)").matches) return;
      event.preventDefault();
      composer.requestSubmit(document.getElementById("send"));
    });
  }

  // The letter to the desk
  for (const button of document.querySelectorAll("[data-copy]")) {
    const text = document.getElementById(button.dataset.copy);
    button.addEventListener("click", async () => {
      const said = document.getElementById("copied");
      said.textContent = "";
      try {
        await navigator.clipboard.writeText(text.value);
        said.textContent = "コピーしました。";
      } catch {
        text.select(); // no permission, or no https
        said.textContent = "文面を選びました。長押しか Ctrl+C でコピーしてください。";
      }
    });
  }
  for (const link of document.querySelectorAll("[data-mail]")) {
    const text = document.getElementById(link.dataset.mail);
    const [address] = link.getAttribute("href").split("?");
    text.addEventListener("input", () => {
      const body = encodeURIComponent(text.value.replace(/\n/g, "\r\n"));
      link.href = `${address}?subject=${encodeURIComponent("職員からの質問")}&body=${body}`;
    });
  }
})();
