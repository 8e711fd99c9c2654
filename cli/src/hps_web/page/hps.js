// SPDX-License-Identifier: GPL-3.0-or-later
// Follows what happens: the server sends events, and this page asks for itself again. Without it the page can be read too.
"use strict";
(() => {
  const status = document.getElementById("following");
  const address = document.body.dataset.events;
  const PAUSE = 700;
  const MAX_LINES = 1000;
  let timer = null;
  let asking = false;

  const say = (text) => { if (status.textContent !== text) status.textContent = text; };

  // The focus stays where it was: by the id or the address of the element.
  const keepFocus = (change) => {
    const focused = document.activeElement;
    const key = focused && (focused.id ? "#" + CSS.escape(focused.id) : focused.getAttribute("href"));
    change();
    if (!key || document.contains(focused)) return;
    const again = key.startsWith("#")
      ? document.querySelector(key)
      : [...document.querySelectorAll("main a")].find((link) => link.getAttribute("href") === key);
    if (again) again.focus({ preventScroll: true });
  };

  // What a person is typing stays.
  const isTyped = () => document.activeElement !== null && document.activeElement.closest("main form") !== null;

  const refresh = async () => {
    timer = null;
    if (asking || document.hidden || isTyped()) return;
    asking = true;
    try {
      const answer = await fetch(location.href, { cache: "no-store" });
      if (!answer.ok) throw new Error(String(answer.status));
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      // The answer took its time.
      if (isTyped()) return;
      const now = page.getElementById("live");
      const live = document.getElementById("live");
      const open = [...live.querySelectorAll("details")].map((one) => one.open);
      const log = live.querySelector(".log");
      const place = log && { top: log.scrollTop, end: log.scrollHeight - log.scrollTop - log.clientHeight < 30 };
      keepFocus(() => live.replaceChildren(...now.childNodes));
      live.querySelectorAll("details").forEach((one, number) => { one.open = open[number] || false; });
      const next = live.querySelector(".log");
      if (next && place) next.scrollTop = place.end ? next.scrollHeight : place.top;
      const footer = page.querySelector("footer");
      if (footer) document.querySelector("footer").replaceChildren(...footer.childNodes);
    } catch (error) {
      say("The last update failed.");
    } finally {
      asking = false;
    }
  };

  const soon = () => { if (timer === null) timer = setTimeout(refresh, PAUSE); };

  const addLine = (event) => {
    const list = document.getElementById("log");
    if (!list) return;
    const line = JSON.parse(event.data);
    const item = document.createElement("li");
    item.textContent = (line.at ? line.at + " " : "") + line.text;
    const box = list.parentElement;
    const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 30;
    list.append(item);
    while (list.children.length > MAX_LINES) list.firstElementChild.remove();
    if (atEnd) box.scrollTop = box.scrollHeight;
  };

  const log = document.querySelector(".log");
  if (log) log.scrollTop = log.scrollHeight;
  if (!address || !window.EventSource) return;
  const source = new EventSource(address);
  source.addEventListener("open", () => { say("Live"); soon(); });
  source.addEventListener("error", () => say("Not connected; trying again"));
  source.addEventListener("host", soon);
  source.addEventListener("change", soon);
  source.addEventListener("log", addLine);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) soon(); });
  // Times go on without an event.
  setInterval(soon, 30000);
})();
