// <script src="https://chat.example.vn/widget.js" data-lang="vi" data-side="right" async></script>
// Adds a button that opens the chat in a frame of its own site.
"use strict";
(() => {
  const script = document.currentScript;
  const site = new URL(script.src).origin;
  const language = script.dataset.lang || (document.documentElement.lang.startsWith("en") ? "en" : "vi");
  const allTexts = /*texts*/ {};
  const texts = allTexts[language] || allTexts.vi;
  const side = script.dataset.side === "left" ? "left" : "right";
  const style = `
    :host { all: initial }
    button { position: fixed; bottom: 20px; ${side}: 20px; z-index: 2147483000; width: 64px; height: 64px; padding: 0; border: 3px solid #f4d58d;
      border-radius: 50%; background: #8c1417; cursor: pointer; box-shadow: 0 4px 16px rgba(0,0,0,.35) }
    button:hover { background: #6f0d10 }
    button:focus-visible { outline: 3px solid #0b57a4; outline-offset: 3px; box-shadow: 0 0 0 3px #fff }
    svg { width: 34px; height: 34px; fill: none; stroke: #f4d58d; stroke-width: 2.6; stroke-linecap: round; stroke-linejoin: round; vertical-align: middle }
    i { position: absolute; top: -3px; right: -3px; width: 18px; height: 18px; border-radius: 50%; background: #f4d58d; border: 3px solid #8c1417; box-sizing: border-box }
    iframe { position: fixed; bottom: 96px; ${side}: 20px; z-index: 2147483000; width: 400px; height: min(660px, calc(100vh - 116px)); border: 0;
      border-radius: 14px; box-shadow: 0 10px 40px rgba(0,0,0,.35); background: #f7f3ec; color-scheme: normal }
    [hidden] { display: none }
    @media (max-width: 480px), (max-height: 420px) {
      iframe { inset: 0; width: 100%; height: 100%; border-radius: 0 }
      iframe:not([hidden]) + button { display: none }
    }`;

  const start = () => {
    const host = document.createElement("div");
    const shadow = host.attachShadow({ mode: "open" });
    // A constructed sheet passes the page's own style policy; only old browsers need the element.
    try {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(style);
      shadow.adoptedStyleSheets = [sheet];
    } catch {
      shadow.append(Object.assign(document.createElement("style"), { textContent: style }));
    }
    const frame = document.createElement("iframe");
    frame.title = texts.title;
    frame.hidden = true;
    const button = document.createElement("button");
    button.type = "button";
    button.innerHTML = '<svg viewBox="0 0 48 48" aria-hidden="true"><path d="M12 38V21c0-7 5-12 12-12s12 5 12 12v17M8 39h32M19 38V22l10-4v20"/></svg><i hidden></i>';
    const dot = button.querySelector("i");
    host.lang = language;
    shadow.append(frame, button);
    document.body.append(host);

    const state = (open, unread) => {
      frame.hidden = !open;
      dot.hidden = open || !unread;
      button.setAttribute("aria-expanded", String(open));
      button.setAttribute("aria-label", unread && !open ? `${texts.widget_open} (${texts.widget_unread})` : texts.widget_open);
    };
    const greet = () => {
      frame.focus();
      frame.contentWindow.postMessage({ type: "mot-cua", action: "open" }, site);
    };
    const close = () => { state(false, false); button.focus(); };
    button.addEventListener("click", () => {
      if (!frame.hidden) { close(); return; }
      state(true, false);
      if (frame.src) { greet(); return; }
      frame.addEventListener("load", greet, { once: true });
      frame.src = `${site}/widget?lang=${language}`;
    });
    addEventListener("message", ({ source, origin, data }) => {
      if (source !== frame.contentWindow || origin !== site || data?.type !== "mot-cua") return;
      if (data.action === "close") close();
      if (data.action === "news" && frame.hidden) state(false, true);
    });
    state(false, false);
  };
  if (document.body) start();
  else addEventListener("DOMContentLoaded", start);
})();
