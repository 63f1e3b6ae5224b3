// The chat page: keeps an outbox until the server has stored each message, and shows each entry once.
"use strict";
(() => {
  const root = document.documentElement;

  // Storage is refused in some frames on other sites; then this page remembers only while it is open.
  const remembered = {};
  const store = (area) => ({
    get: (key) => { try { return window[area].getItem("mc-" + key); } catch { return remembered[key] ?? null; } },
    set: (key, value) => { try { window[area].setItem("mc-" + key, value); } catch { remembered[key] = value; } },
  });
  const browser = store("localStorage");
  const tab = store("sessionStorage");

  const showTheme = () => {
    const theme = browser.get("theme");
    if (theme) root.dataset.theme = theme;
    root.dataset.size = browser.get("size") || "0";
  };
  showTheme(); // before the first paint

  const newId = () => crypto.randomUUID ? crypto.randomUUID()
    : "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (c) =>
      (c ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (c / 4)))).toString(16));

  document.addEventListener("DOMContentLoaded", () => {
    const find = (id) => document.getElementById(id);
    const texts = JSON.parse(document.body.dataset.texts);
    const chosen = document.body.dataset.chosen;
    const embedded = window.parent !== window;
    const [scroll, entries, welcome, typing, news, text, trouble] =
      ["scroll", "entries", "welcome", "typing", "news", "text", "trouble"].map(find);
    const tellParent = (action) => { if (embedded) window.parent.postMessage({ type: "mot-cua", action }, "*"); };

    // ---- showing -------------------------------------------------------------------------------------------------
    let lastSeq = Math.max(0, ...[...entries.children].map((line) => Number(line.dataset.seq)));
    let asked = false;
    let firstUnread = null;
    let following = true;

    // On a small screen with large text the whole page scrolls.
    const scroller = () => getComputedStyle(scroll).overflowY === "visible" ? document.scrollingElement : scroll;
    const isAtEnd = () => {
      const { scrollHeight, scrollTop, clientHeight } = scroller();
      return scrollHeight - scrollTop - clientHeight < 80;
    };
    const hideNews = () => {
      if (document.activeElement === news) scroll.focus({ preventScroll: true });
      news.hidden = true;
      firstUnread = null;
    };
    const showEnd = () => { scroller().scrollTop = scroller().scrollHeight; following = true; };
    // A long answer is read from its beginning.
    const showLine = (line) => {
      if (line.offsetHeight < scroll.clientHeight - 60) { showEnd(); return; }
      line.scrollIntoView();
      following = isAtEnd();
    };
    const say = (sentence) => {
      const line = document.createElement("p");
      line.textContent = sentence;
      find("live").append(line);
      setTimeout(() => line.remove(), 1000);
    };
    const complain = (sentence) => {
      trouble.replaceChildren();
      if (!sentence) return;
      const line = document.createElement("p");
      line.textContent = sentence;
      trouble.append(line);
    };
    const press = (button) => {
      if (button.hasAttribute("aria-disabled")) return;
      button.setAttribute("aria-disabled", "true");
      const state = document.createElement("span");
      state.className = "unseen";
      state.textContent = ` (${texts.pressed})`;
      button.append(state);
    };
    const titleOf = (button) => button.firstChild.textContent.trim();

    // The store keeps a pressed choice by its payload; people read its title, and see where they pressed it.
    const nameChoice = (line) => {
      const bubble = line.querySelector(".bubble");
      const button = [...entries.querySelectorAll("[name=choice]")].filter((one) => one.value === bubble.textContent).pop();
      if (!button) return;
      press(button);
      bubble.textContent = titleOf(button);
    };
    const show = (frame) => {
      settle(frame.id);
      if (frame.seq <= lastSeq) return;
      lastSeq = frame.seq;
      const shape = document.createElement("template");
      shape.innerHTML = frame.html;
      const line = shape.content.querySelector("li");
      const mine = frame.author === "citizen";
      if (mine) nameChoice(line);
      const followed = following;
      entries.insertBefore(line, entries.querySelector(".pending"));
      if (!asked && !welcome.contains(document.activeElement)) welcome.hidden = true;
      complain("");
      if (!mine) {
        find("answering").className = frame.author;
        find("answering").lastElementChild.textContent = texts[frame.author];
        if (caughtUp) say(`${line.querySelector(".author").textContent}: ${frame.say}`);
        tellParent("news");
      }
      if (followed || mine) showLine(line);
      else if (!mine) { firstUnread = firstUnread || line; news.hidden = false; }
    };
    const showTyping = (on) => {
      typing.hidden = !on;
      if (on && following) showEnd();
    };
    document.addEventListener("scroll", () => {
      following = isAtEnd();
      if (following && !news.hidden) hideNews();
    }, { passive: true, capture: true });
    // A banner or a keyboard on the screen takes room: what was being read stays in sight.
    new ResizeObserver(() => { if (following && entries.children.length) showEnd(); }).observe(scroll);
    news.addEventListener("click", () => {
      const line = firstUnread || entries.lastElementChild;
      hideNews();
      line.tabIndex = -1;
      line.focus({ preventScroll: true });
      showLine(line);
    });

    // ---- the outbox ----------------------------------------------------------------------------------------------
    let outbox = JSON.parse(tab.get("outbox") || "[]");
    let ready = false;
    const saveOutbox = () => tab.set("outbox", JSON.stringify(outbox));
    const pendingLine = (id) => entries.querySelector(`.pending[data-id="${id}"]`);
    const stateOutbox = () => {
      for (const state of entries.querySelectorAll(".pending .state")) state.textContent = ready ? texts.sending : texts.waiting;
    };
    const drawPending = (item) => {
      const line = find("pending").content.firstElementChild.cloneNode(true);
      line.dataset.id = item.id;
      line.querySelector(".bubble").textContent = item.title || item.text;
      entries.append(line);
      stateOutbox();
    };
    const settle = (id) => {
      if (!id || !outbox.some((item) => item.id === id)) return;
      outbox = outbox.filter((item) => item.id !== id);
      saveOutbox();
      pendingLine(id)?.remove();
    };
    const transmit = ({ title, ...frame }) => { if (ready) socket.send(JSON.stringify(frame)); };
    const send = (frame) => {
      const item = { ...frame, id: newId(), language: chosen };
      outbox.push(item);
      saveOutbox();
      asked = true;
      complain("");
      drawPending(item);
      showEnd();
      transmit(item);
    };
    for (const item of outbox) drawPending(item);

    // ---- the connection ------------------------------------------------------------------------------------------
    let socket = null;
    let attempt = 0;
    let caughtUp = lastSeq > 0;
    let retry, steady, silence, resend;

    const showOffline = (lost) => {
      const line = find("offline").firstElementChild;
      if (line.hidden && !lost) return;
      if (!lost) say(texts.online);
      // Where no socket comes through the plain page still does; without any network neither does.
      line.lastElementChild.hidden = !navigator.onLine;
      line.hidden = !lost;
    };
    const frames = {
      welcome: ({ token }) => { if (token) browser.set("token", token); },
      ready: () => {
        ready = caughtUp = true;
        clearTimeout(silence);
        showOffline(false);
        stateOutbox();
        outbox.forEach(transmit);
        // Only a connection that lasts starts the waiting times anew: one that breaks at once would be retried without pause.
        steady = setTimeout(() => { attempt = 0; }, 5000);
      },
      entry: show,
      typing: ({ on }) => showTyping(on),
      error: ({ code, id, text: sentence, retry_after: seconds }) => {
        complain(sentence);
        if (seconds) {
          clearTimeout(resend);
          resend = setTimeout(() => outbox.forEach(transmit), seconds * 1000);
        } else if (code === "too_long") {
          const item = outbox.find((one) => one.id === id);
          settle(id);
          if (item && !text.value) text.value = item.text || "";
        }
      },
    };
    const connect = () => {
      clearTimeout(retry);
      const address = new URL("/chat/socket", location.href);
      address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
      const opened = socket = new WebSocket(address);
      opened.onopen = () => opened.send(JSON.stringify({
        type: "hello", token: browser.get("token"), after: lastSeq, language: root.lang,
      }));
      opened.onmessage = ({ data }) => {
        const frame = JSON.parse(data);
        if (frames[frame.type]) frames[frame.type](frame);
      };
      opened.onclose = () => {
        if (opened !== socket) return;
        socket = null;
        ready = false;
        clearTimeout(steady);
        clearTimeout(resend);
        clearTimeout(silence);
        silence = setTimeout(() => showOffline(true), attempt ? 0 : 1000);
        showTyping(false);
        stateOutbox();
        const wait = Math.min(30000, 500 * 2 ** attempt++) * (0.5 + Math.random() / 2);
        retry = setTimeout(connect, wait);
      };
    };
    const hurry = () => { if (!socket) connect(); };
    addEventListener("online", hurry);
    // The browser notices a lost network late; the page need not.
    addEventListener("offline", () => { if (socket) { socket.close(); socket.onclose?.(); } });
    addEventListener("pageshow", hurry);
    document.addEventListener("visibilitychange", () => { if (!document.hidden) hurry(); });

    // ---- writing -------------------------------------------------------------------------------------------------
    const fit = () => {
      tab.set("draft", text.value);
      if (!CSS.supports("field-sizing", "content")) {
        text.style.height = "auto";
        text.style.height = `${text.scrollHeight + 3}px`;
      }
    };
    if (!text.value) text.value = tab.get("draft") || "";
    fit();
    text.addEventListener("input", fit);
    text.addEventListener("keydown", (event) => {
      // Telex and VNI keyboards end a syllable with Enter too: that one is not for us.
      if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
      event.preventDefault();
      find("write").requestSubmit();
    });
    find("write").addEventListener("submit", (event) => {
      event.preventDefault();
      const typed = text.value.trim();
      if (!typed) return;
      text.value = "";
      fit();
      send({ type: "message", text: typed });
    });
    scroll.addEventListener("click", (event) => {
      const button = event.target.closest(".choices button");
      if (!button) return;
      event.preventDefault();
      if (button.hasAttribute("aria-disabled")) return;
      const title = titleOf(button);
      press(button);
      send(button.name === "choice" ? { type: "choice", payload: button.value, title } : { type: "message", text: title });
    });

    // ---- how it looks --------------------------------------------------------------------------------------------
    const [size, dark, close] = ["size", "dark", "close"].map(find);
    const sizes = [texts.size_normal, texts.size_large, texts.size_largest];
    const isDark = () => (root.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
    const stateLook = () => {
      dark.setAttribute("aria-pressed", String(isDark()));
      size.setAttribute("aria-label", sizes[root.dataset.size]);
      size.title = sizes[root.dataset.size];
    };
    size.addEventListener("click", () => {
      browser.set("size", String((Number(root.dataset.size) + 1) % sizes.length));
      showTheme();
      stateLook();
      say(sizes[root.dataset.size]);
    });
    dark.addEventListener("click", () => {
      browser.set("theme", isDark() ? "light" : "dark");
      showTheme();
      stateLook();
    });
    addEventListener("storage", () => { showTheme(); stateLook(); });
    stateLook();
    size.hidden = dark.hidden = false;

    // ---- inside another site's page ------------------------------------------------------------------------------
    if (embedded && close) {
      close.hidden = false;
      close.addEventListener("click", () => tellParent("close"));
      addEventListener("keydown", (event) => { if (event.key === "Escape") tellParent("close"); });
      addEventListener("message", ({ source, data }) => {
        if (source === window.parent && data?.type === "mot-cua" && data.action === "open") text.focus();
      });
    }

    if (entries.children.length) showEnd();
    connect();
  });
})();
