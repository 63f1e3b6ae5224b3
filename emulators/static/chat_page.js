// Asks twice a second what is new for the chosen person and shows it; texts only ever become text nodes.
"use strict";
const at = (id) => document.getElementById(id);
const person = at("person"), list = at("messages"), menu = at("menu"), text = at("text"), toast = at("toast");
const TAGS = { bold: "b", italic: "i", underline: "u", strikethrough: "s", code: "code", pre: "code", link: "a" };
let after = 0, shownMenu = "", hiding = 0;

function element(tag, className, content = "") {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = content;
  return made;
}

function anchor(url, content, className = "") {
  const made = element("a", className, content);
  if (/^(https?|tel|sms):/i.test(url)) made.href = url;
  made.target = "_blank";
  made.rel = "noopener noreferrer";
  return made;
}

// Cut at every border of an entity; each piece is wrapped in all entities that cover it.
function formatted(words, entities) {
  const borders = new Set([0, words.length]);
  for (const one of entities) borders.add(one.offset).add(one.offset + one.length);
  const cuts = [...borders].sort((a, b) => a - b);
  return cuts.slice(1).map((end, index) => {
    const start = cuts[index];
    let node = document.createTextNode(words.slice(start, end));
    for (const one of entities) {
      if (one.offset > start || one.offset + one.length < end || !TAGS[one.kind]) continue;
      const around = one.kind === "link" ? anchor(one.url, "") : document.createElement(TAGS[one.kind]);
      around.append(node);
      node = around;
    }
    return node;
  });
}

function drawn(message) {
  const made = element("article", message.mine ? "message mine" : "message");
  made.dataset.id = message.id;
  const bubble = element("div", "bubble");
  if (message.image) {
    const image = element("img", "");
    image.src = message.image;
    image.alt = "Ảnh";
    bubble.append(image);
  }
  if (message.file) bubble.append("📄 " + message.file + "\n");
  bubble.append(...formatted(message.text, message.entities));
  const moment = new Date(message.at).toLocaleTimeString("vi", { hour: "2-digit", minute: "2-digit", timeZone: "Asia/Ho_Chi_Minh" });
  bubble.append(element("span", "small", [message.note, moment].filter(Boolean).join(" · ")));
  made.append(bubble);
  for (const row of message.rows) {
    const line = element("div", "row");
    line.append(...row.map((one) => (one.url ? anchor(one.url, one.title) : button(one, message.id))));
    made.append(line);
  }
  return made;
}

function button(one, messageId) {
  const made = element("button", "", one.title);
  made.type = "button";
  made.onclick = () => tell(`${person.value}/press`, { payload: one.payload, message_id: messageId });
  return made;
}

async function show() {
  const asked = person.value;
  const answer = await fetch(`/_chat/${encodeURIComponent(asked)}/messages?after=${after}`);
  const state = await answer.json();
  if (asked !== person.value) return;
  at("clock").textContent = new Date(state.now).toLocaleString("vi", { timeZone: "Asia/Ho_Chi_Minh", dateStyle: "short", timeStyle: "short" });
  at("following").hidden = state.follows === null;
  at("follows").checked = state.follows === true;
  at("subtitle").textContent = state.typing ? "đang nhập…" : at("subtitle").dataset.usual;
  const entries = JSON.stringify(state.menu);
  if (entries !== shownMenu) {
    shownMenu = entries;
    menu.hidden = !state.menu.length;
    menu.replaceChildren(...state.menu.map((one) => button(one, "")));
  }
  for (const message of state.messages) {
    after = Math.max(after, message.seq);
    const known = [...list.children].find((one) => one.dataset.id === message.id);
    if (known) known.replaceWith(drawn(message));
    else list.append(drawn(message));
  }
  if (state.messages.length) list.scrollTop = list.scrollHeight;
}

async function tell(path, body) {
  const form = body instanceof FormData;
  try {
    const answer = await fetch(`/_chat/${path}`, { method: "POST", body: form ? body : JSON.stringify(body) });
    announce(answer.ok ? (await answer.json()).toast : await answer.text());
    await show();
  } catch {
    announce("Máy giả lập không trả lời");
  }
}

function announce(words) {
  if (!words) return;
  clearTimeout(hiding);
  toast.textContent = words;
  toast.hidden = false;
  hiding = setTimeout(() => { toast.hidden = true; }, 4000);
}

at("write").onsubmit = (event) => {
  event.preventDefault();
  const words = text.value.trim();
  if (!words) return;
  text.value = "";
  tell(`${person.value}/say`, { text: words });
};
text.onkeydown = (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    at("write").requestSubmit();
  }
};
at("photo").onchange = () => {
  const form = new FormData();
  form.append("photo", at("photo").files[0]);
  form.append("caption", text.value.trim());
  at("photo").value = "";
  text.value = "";
  tell(`${person.value}/photo`, form);
};
at("follows").onchange = () => tell(`${person.value}/follow`, { on: at("follows").checked });
for (const one of document.querySelectorAll("[data-advance]")) {
  one.onclick = () => tell("clock", { advance_seconds: Number(one.dataset.advance) });
}
person.onchange = () => {
  after = 0;
  list.replaceChildren();
  show();
};

(async function poll() {
  try {
    await show();
  } catch {
    announce("Máy giả lập không trả lời");
  }
  setTimeout(poll, 500);
})();
