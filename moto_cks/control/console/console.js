"use strict";
// The console of moto_cks. Everything that is said by the server is put in as text, never as markup.

const API = new URL(".", location.href); // /moto-api/cks/, whatever stands before it
const TOKEN = document.querySelector("meta[name=cks-token]").content; // of this server's page
const POLL = 1000; // milliseconds
const OVERLAP = 2000; // milliseconds of the timeline that are asked for again
const REFRESH = 4; // polls after which all is asked for, though the timeline says nothing new
const ROWS = 200; // of the timeline that are shown
const KEPT_ENTRIES = 5000; // of the timeline that are remembered
const LOCKOUT = 5; // wrong passwords that lock a user of an HSM
const ALL = "";

const state = {
  health: null, accounts: [], stores: [], keys: [], clusters: [], failures: [], happening: [],
  account: ALL, region: ALL, store: null, cluster: null, // cluster: what is known of the chosen one
  proxies: [], log: [], // of external key stores
  why: false, explanation: "",
  steps: new Map(), done: new Map(), // by failure
  filter: { since: ALL, text: "", older: false },
  timeline: new Map(), kinds: new Set(), subject: "", concerns: new Set(),
  said: "", // of what was done, until it is announced
};

// Asking the server ------------------------------------------------------------------------------

class Refusal extends Error {
  constructor(status, answer) {
    super(answer?.message ?? "The server gives no reason.");
    this.title = [status, answer?.code].filter(Boolean).join(" ");
  }
}

// The only place from which requests are sent.
async function send(method, path, body) {
  const options = { method, cache: "no-store", headers: { "X-Cks-Token": TOKEN } };
  if (body !== undefined) {
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  const response = await fetch(new URL(path, API), options);
  const text = await response.text();
  const answer = text ? JSON.parse(text) : null;
  if (!response.ok) throw new Refusal(response.status, answer);
  return answer;
}

const get = (path) => send("GET", path);

// A path, or a query, with its parts encoded.
function at(strings, ...parts) {
  return String.raw({ raw: strings }, ...parts.map(encodeURIComponent));
}

// Elements ---------------------------------------------------------------------------------------

// An element: properties that begin with "on" are listeners, "key" names it among its siblings.
function h(name, properties = {}, ...children) {
  const element = document.createElement(name);
  element.listeners = {};
  for (const [property, value] of Object.entries(properties)) {
    if (property.startsWith("on")) element.listeners[property.slice(2)] = value;
    else if (property === "key") element.key = value;
    else if (property === "act") element.act = value;
    else if (value === true) element.setAttribute(property, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(property, value);
  }
  for (const child of children.flat(3)) {
    if (child !== null && child !== undefined && child !== false) element.append(child);
  }
  return element;
}

const KEPT = new Set(["open"]); // what the reader has changed stays

function same(one, other) {
  return one.nodeName === other.nodeName && one.key === other.key &&
    (one.nodeName !== "INPUT" || one.type === other.type);
}

// Make an element like a fresh one, and leave alone what is so already: focus and input stay.
function become(old, fresh) {
  if (old.nodeType === Node.TEXT_NODE) {
    if (old.data !== fresh.data) old.data = fresh.data;
    return;
  }
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && !KEPT.has(name)) old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (!KEPT.has(name) && old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  if (old.type === "radio" || old.type === "checkbox") old.checked = fresh.hasAttribute("checked");
  old.listeners = fresh.listeners;
  old.act = fresh.act;
  fill(old, [...fresh.childNodes]);
}

function fill(element, children) {
  const left = [...element.childNodes];
  const kept = children.map((child) => {
    const index = left.findIndex((node) => same(node, child));
    if (index < 0) return child;
    const [node] = left.splice(index, 1);
    become(node, child);
    return node;
  });
  for (const node of left) node.remove();
  kept.forEach((node, index) => {
    if (element.childNodes[index] !== node) element.insertBefore(node, element.childNodes[index] ?? null);
  });
}

const $ = (selector) => document.querySelector(selector);

function show(selector, ...children) {
  fill($(selector), [...h("div", {}, children).childNodes]);
}

for (const type of ["click", "change", "input", "submit"]) {
  document.addEventListener(type, (event) => {
    for (let node = event.target; node; node = node.parentNode) {
      const listener = node.listeners?.[type];
      if (listener) {
        if (type === "submit") event.preventDefault();
        listener(event, node);
        return;
      }
    }
  });
}

// What is sent when a button is pressed, shown before: with the focus, or under the pointer.
for (const type of ["focusin", "mouseover"]) {
  document.addEventListener(type, (event) => {
    const button = event.target.closest?.("button");
    if (button?.act) showRequest(button.act);
  });
}

// Actions ----------------------------------------------------------------------------------------

const masked = (body) => JSON.stringify(body, (name, value) => (name.includes("password") ? "…" : value));

function quoted(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function curl({ method, path, body }) {
  const url = new URL(path, API).href;
  const data = body === undefined ? "" : ` -d ${quoted(masked(body))}`;
  return `curl -X ${method} ${/[?&]/.test(url) ? quoted(url) : url}${data}`;
}

function request({ method, path, body }) {
  return `${method} ${new URL(path, API).pathname}${body === undefined ? "" : ` ${masked(body)}`}`;
}

const typed = (act) => act.typed ?? [curl(act)];

const described = (act) => `Sends ${request(act)}. Typed: ${typed(act).join("; ")}`;

// A button that sends a request. typed: what a person would type in its place.
function button(label, act, properties = {}) {
  return h("button", {
    type: "button", key: `${act.method} ${act.path} ${label}`, act, "aria-description": described(act),
    onclick: () => perform(act), ...properties,
  }, label);
}

async function perform(act, body = act.body) {
  showRequest(act);
  try {
    const answer = await send(act.method, act.path, body);
    complain(null);
    state.said = act.done?.(answer) ?? `Done: ${act.name}.`;
  } catch (error) {
    complain(error);
  }
  refresh();
}

function showRequest(act) {
  show("#request",
    h("div", {}, "Request ", h("code", { id: "request-sent" }, request(act))),
    typed(act).map((line) => h("div", {}, "Typed ", h("code", { class: "typed" }, line))));
}

function complain(error) {
  if (error === null) return show("#problem");
  const title = error instanceof Refusal ? error.title : "No answer";
  return show("#problem", h("strong", {}, title), h("span", {}, error.message),
    h("button", { type: "button", onclick: () => complain(null) }, "dismiss"));
}

function say(text) {
  $("#status").textContent = text;
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    say("Copied.");
  } catch { // not allowed, or no secure context
    const area = h("textarea", { class: "skip" });
    area.value = text;
    document.body.append(area);
    const focused = document.activeElement;
    area.select();
    say(document.execCommand("copy") ? "Copied." : "Your browser does not let a page copy.");
    area.remove();
    focused?.focus();
  }
}

function copyButton(label, text) {
  return h("button", { type: "button", key: label, "aria-label": label, onclick: () => copy(text) }, "copy");
}

// Clock, account and Region ------------------------------------------------------------------------

function written(moment) {
  return `${moment.slice(0, 10)} ${moment.slice(11, 19)} UTC`;
}

function advance(label, unit, count) {
  const body = { [unit]: count };
  return button(label, { name: `advance the clock, ${label}`, method: "POST", path: "clock/advance", body });
}

function showClock() {
  const now = state.health.now;
  const to = (moment) => ({
    name: "advance the clock", method: "POST", path: "clock/advance-to", body: { moment },
  });
  show("#clock", h("time", { datetime: now }, written(now)),
    advance("+1 min", "minutes", 1), advance("+1 day", "days", 1), advance("+7 days", "days", 7),
    h("form", {
      onsubmit: (event, form) => {
        const chosen = form.elements.moment.value;
        if (chosen) perform(to(`${chosen.length === 16 ? `${chosen}:00` : chosen}Z`));
      },
    }, h("label", {}, "to (UTC)", h("input", { type: "datetime-local", step: "1", name: "moment" })),
    h("button", { act: to("…"), "aria-description": described(to("…")) }, "go")));
}

function choice(label, value, options, choose) {
  return h("label", { key: label }, label, h("select", {
    onchange: (event, select) => { choose(select.value); render(); refresh(); },
  }, options.map(([each, text]) => h("option", { value: each, key: each, selected: each === value }, text))));
}

function showScope() {
  const accounts = state.accounts.map(({ account_id }) => [account_id, account_id]);
  const regions = new Set(state.accounts
    .filter(({ account_id }) => [ALL, account_id].includes(state.account))
    .flatMap((each) => each.regions));
  show("#scope",
    choice("Account", state.account, [[ALL, "all"], ...accounts], (value) => { state.account = value; }),
    choice("Region", state.region, [[ALL, "all"], ...[...regions].sort().map((each) => [each, each])],
      (value) => { state.region = value; }),
    h("button", { type: "button", onclick: askReset, act: RESET, "aria-description": described(RESET) }, "reset"));
}

const RESET = { name: "reset", method: "POST", path: "reset", body: {} };

function askReset() {
  const dialog = $("#reset");
  show("#reset", h("h2", { id: "reset-title" }, "Begin a fresh world?"),
    h("p", {}, "Key stores, clusters, keys and the timeline are gone after that."),
    h("div", { class: "row" },
      button("reset", RESET, { onclick: () => { dialog.close(); perform(RESET); } }),
      h("button", { type: "button", onclick: () => dialog.close() }, "cancel")));
  dialog.showModal();
}

// Key stores -----------------------------------------------------------------------------------------

const inScope = (each) => [ALL, each.account_id].includes(state.account) && [ALL, each.region].includes(state.region);
const chosenStore = () => state.stores.find(({ id }) => id === state.store) ?? null;

const GOOD = new Set(["CONNECTED", "ACTIVE", "READY", "Enabled"]);
const BAD = new Set(["FAILED", "DEGRADED", "Unavailable", "DELETED"]);

function badge(text) {
  const kind = GOOD.has(text) ? "good" : BAD.has(text) || text.includes("✘") ? "bad" : "wait";
  return h("span", { class: `badge ${kind}` }, text);
}

function aws(store, line) {
  return [`aws ${line} --region ${store.region}`];
}

function onStore(store, operation) {
  const named = `--custom-key-store-id ${store.id}`;
  return {
    name: `${operation} ${store.name}`, method: "POST", path: at`key-stores/${store.id}/${operation}`,
    body: {}, typed: aws(store, `kms ${operation}-custom-key-store ${named}`),
  };
}

const isExternal = (store) => store?.type === "EXTERNAL_KEY_STORE";

function createKey(store) {
  const external = isExternal(store) ? " --xks-key-id <external-key-id>" : "";
  return {
    name: "create a key", method: "POST", path: at`key-stores/${store.id}/keys`, body: {},
    typed: aws(store, `kms create-key --origin ${store.type} --custom-key-store-id ${store.id}${external}`),
    done: ({ key_id }) => `Done: KMS key ${key_id} is created.`,
  };
}

function tellPassword(store) {
  const act = {
    name: "tell KMS the password", method: "PUT", path: at`key-stores/${store.id}/kmsuser-password`,
    body: { password: "" },
    typed: aws(store, `kms update-custom-key-store --custom-key-store-id ${store.id} --key-store-password <password>`),
  };
  return h("details", { key: "tell" }, h("summary", {}, "kmsuser's password"),
    passwordForm(`Password of kmsuser, for KMS`, [["tell KMS", () => act]]));
}

// A form with a password: it is sent, and forgotten at once. acts: labels, and the action of now.
function passwordForm(label, acts, ...before) {
  const submit = (form, act) => {
    const field = form.elements.password;
    const body = { ...act.body, password: field.value };
    field.value = "";
    perform(act, body);
  };
  return h("form", { onsubmit: (event, form) => submit(form, acts[0][1](form)) }, before,
    h("label", {}, "password", h("input", {
      type: "password", name: "password", "aria-label": label, autocomplete: "new-password", required: true, size: 12,
    })),
    acts.map(([text, act], index) => h("button", {
      key: text, type: index ? "button" : "submit", act: act(null), "aria-description": described(act(null)),
      ...(index ? { onclick: (event, node) => { if (node.form.reportValidity()) submit(node.form, act(node.form)); } } : {}),
    }, text)));
}

// Enough of a key ID to know it again.
const short = (id) => (/^[0-9a-f]{8}-/.test(id) ? `${id.slice(0, 8)}…` : id);

function keyLine(key) {
  return h("li", { key: key.id, class: "row" },
    h("button", { type: "button", class: "plain id", title: key.id, "aria-label": `Key ${key.id} in the timeline`, onclick: () => chooseSubject(key.arn) },
      short(key.id)),
    badge(key.state), key.aliases.map((alias) => h("span", { class: "soft" }, alias)));
}

function storeCard(store) {
  const chosen = store.id === state.store;
  const keys = state.keys.filter((key) => key.key_store_id === store.id);
  return h("li", { key: store.id, class: chosen ? "card chosen" : "card" },
    h("label", {}, h("input", {
      type: "radio", name: "store", value: store.id, checked: chosen, onchange: () => chooseStore(store.id),
    }), h("span", {}, store.name)),
    h("div", { class: "row" }, badge(store.connection_state),
      store.connection_error_code && h("span", { class: "badge bad" }, store.connection_error_code)),
    h("div", { class: "id soft" }, `${store.id} · ${store.account_id} · ${store.region}`),
    isExternal(store) && h("div", { class: "soft" }, `external, at ${store.xks_proxy.endpoint}`),
    chosen && [
      h("div", { class: "row" },
        button("connect", onStore(store, "connect")), button("disconnect", onStore(store, "disconnect")),
        h("button", {
          type: "button", key: "why", "aria-expanded": String(state.why), "aria-controls": state.why && "why",
          onclick: () => { state.why = !state.why; render(); refresh(); },
        }, "why?")),
      state.why && h("pre", { id: "why", key: "explanation", tabindex: "0", role: "group", "aria-label": "Why" }, state.explanation),
      h("h3", {}, `Keys (${keys.length})`), h("ul", { "aria-label": "Keys" }, keys.map(keyLine)),
      h("div", { class: "row" }, button("create a key", createKey(store))),
      !isExternal(store) && tellPassword(store),
    ]);
}

function createStore(form, external = false) {
  const body = form
    ? Object.fromEntries(["name", "account_id", "region"].map((name) => [name, form.elements[name].value]))
    : { name: "…", account_id: "…", region: "…" };
  return {
    name: "create a key store", method: "POST", path: external ? "external-key-stores" : "key-stores", body,
    done: (made) => { state.store = made.id; return `Done: key store ${made.name} is created.`; },
  };
}

function showStores() {
  const stores = state.stores.filter(inScope);
  const field = (label, name, value) => h("label", { key: name }, label,
    h("input", { name, value, required: true, size: 14 }));
  show("#stores .content",
    stores.length === 0 && h("p", { key: "none" }, "There is no key store here."),
    h("ul", { key: "stores", "aria-label": "Choose a key store" },
      stores.length > 1 && h("li", { key: "all" }, h("label", {}, h("input", {
        type: "radio", name: "store", value: ALL, checked: state.store === ALL, onchange: () => chooseStore(ALL),
      }), "all of them")),
      stores.map(storeCard)),
    h("details", { key: "new" }, h("summary", {}, "New key store"),
      h("form", { onsubmit: (event, form) => perform(createStore(form)) },
        field("name", "name", "ExampleKeyStore"),
        field("account", "account_id", state.account || state.accounts[0]?.account_id),
        field("Region", "region", state.region || state.accounts[0]?.regions[0]),
        h("button", { key: "create", act: createStore(null), "aria-description": described(createStore(null)) }, "create"),
        h("button", {
          key: "external", type: "button", act: createStore(null, true), "aria-description": described(createStore(null, true)),
          onclick: (event, node) => { if (node.form.reportValidity()) perform(createStore(node.form, true)); },
        }, "create external"))));
}

function chooseStore(id) {
  state.store = id;
  Object.assign(state, { cluster: null, explanation: "", subject: "", steps: new Map(), concerns: new Set() });
  render();
  refresh();
}

// Cluster --------------------------------------------------------------------------------------------

const shortKey = (label) => label.split("/").pop();

function marks({ security_group_id, closed_directions, denials, subnets }) {
  const group = closed_directions.length
    ? `security group ✘ ${closed_directions.join(" and ")} closed` : "security group ✔";
  const acls = denials.length
    ? `network ACLs ✘ ${denials.map((each) => `${each.acl} ${each.direction}${each.rule ? ` rule ${each.rule}` : ""}`).join(", ")}`
    : "network ACLs ✔";
  const gone = subnets.filter((each) => each.free_addresses === null);
  const zones = subnets.map((each) => each.availability_zone).join(", ");
  const mark = (text, bad) => h("span", { class: `badge ${bad ? "bad" : "good"}` }, text);
  return h("div", { class: "row", key: "marks" },
    mark(group, closed_directions.length), mark(acls, denials.length),
    mark(gone.length ? `subnets ✘ ${gone.length} of ${subnets.length} gone` : `subnets ${subnets.length} ✔`, gone.length),
    h("span", { class: "id soft" }, `${security_group_id} · ${zones}`));
}

function hsmCard(hsm) {
  const locked = (user) => (user.locked ? " locked out" : "");
  return h("li", { key: hsm.id, class: "card" },
    h("div", { class: "row" }, h("strong", {}, "HSM"), h("span", { class: "id" }, `${hsm.id} · ${hsm.availability_zone} · ${hsm.eni_ip}`)),
    h("ul", { "aria-label": `Users of ${hsm.id}`, class: "row" }, hsm.users.filter((user) => user.type !== "AU").map((user) =>
      h("li", { key: user.id }, `${user.name} ${user.type} `,
        h("span", { class: user.locked ? "badge bad" : user.login_failures ? "badge wait" : "soft" },
          `${user.login_failures}/${LOCKOUT} wrong${locked(user)}`)))),
    h("ul", { "aria-label": `Keys in ${hsm.id}` }, hsm.keys.map((key) =>
      h("li", { key: key.handle, class: "row" }, h("span", {}, `key ${key.handle}`),
        h("span", { class: "id", title: key.label }, short(shortKey(key.label))), h("span", { class: "soft" }, `owner ${key.owner}`)))));
}

function userForm(cluster) {
  const users = new Map(cluster.hsms.flatMap((hsm) => hsm.users)
    .filter((user) => user.type !== "AU").map((user) => [`${user.type} ${user.name}`, user]));
  const chosen = (form) => users.get(form?.elements.user.value) ?? { type: "CU", name: "kmsuser" };
  const setPassword = (form) => {
    const { type, name } = chosen(form);
    return {
      name: `set the password of ${name}`, method: "PUT", body: { password: "" },
      path: at`clusters/${cluster.id}/users/${type}/${name}/password`,
      typed: ["cloudhsm_mgmt_util: loginHSM CO admin <admin-password>", `cloudhsm_mgmt_util: changePswd ${type} ${name} <password>`],
    };
  };
  const logIn = (form) => {
    const { type, name } = chosen(form);
    return {
      name: `log in as ${name}`, method: "POST", path: at`clusters/${cluster.id}/logins`,
      body: { user_type: type, name, password: "" },
      typed: [type === "CU"
        ? `key_mgmt_util: loginHSM -u CU -s ${name} -p <password>`
        : `cloudhsm_mgmt_util: loginHSM ${type} ${name} <password>`],
    };
  };
  return passwordForm("Password of the user", [["set password", setPassword], ["log in", logIn]],
    h("label", { key: "user" }, "user", h("select", { name: "user" },
      [...users.keys()].map((each) => h("option", { key: each, value: each, selected: each === "CU kmsuser" }, each)))));
}

function sessionLine(cluster, session) {
  const act = {
    name: `log out ${session.user}`, method: "DELETE", path: at`clusters/${cluster.id}/sessions/${session.id}`,
    typed: session.by === "key_mgmt_util" || session.by === "cloudhsm_mgmt_util" ? [`${session.by}: logoutHSM`]
      : session.by === "cloudhsm-cli" ? ["cloudhsm-cli: logout"] : undefined,
  };
  return h("li", { key: session.id, class: "row" },
    h("span", {}, `${session.by} as ${session.user_type} ${session.user} on ${session.hsms.length} HSM${session.hsms.length > 1 ? "s" : ""}`),
    session.by === "KMS" ? h("span", { class: "soft" }, "until the key store is disconnected")
      : button("log out", act, { "aria-label": `log out ${session.by} as ${session.user_type} ${session.user}` }));
}

function backupLine(backup) {
  return h("li", { key: backup.id, class: "row" }, h("span", { class: "id" }, backup.id), badge(backup.state),
    h("span", {}, written(backup.created)),
    h("span", { class: "soft" }, backup.handles.length ? `keys ${backup.handles.join(", ")}` : "no keys"));
}

function clusterParts({ cluster, network, sessions, backups }) {
  const ready = backups.filter((each) => each.state === "READY");
  const newest = ready[0] && (ready[0].handles.length ? `newest has ${ready[0].handles.join(", ")}` : "newest has no keys");
  return [
    h("div", { class: "row", key: "title" }, h("span", { class: "id" }, cluster.id), badge(cluster.state), h("span", { class: "soft" }, cluster.hsm_type)),
    marks(network),
    h("ul", { key: "hsms", "aria-label": "HSMs" }, cluster.hsms.map(hsmCard), cluster.inactive_hsms.map((hsm) =>
      h("li", { key: hsm.id, class: "card" }, h("strong", {}, "HSM "), h("span", { class: "id" }, `${hsm.id} · ${hsm.availability_zone} `), badge(hsm.state)))),
    cluster.hsms.length === 0 && h("p", { key: "empty" }, "No HSM is active."),
    h("h3", { key: "users-title" }, "Users"), userForm(cluster),
    h("h3", { key: "sessions-title" }, "Sessions"),
    sessions.length ? h("ul", { key: "sessions", "aria-label": "Sessions" }, sessions.map((each) => sessionLine(cluster, each))) : h("p", { key: "nobody" }, "Nobody is logged in."),
    h("h3", { key: "backups-title" }, "Backups"),
    h("details", { key: "backups" }, h("summary", {}, `${ready.length} READY${newest ? `, ${newest}` : ""}`),
      h("ul", { "aria-label": "Backups" }, backups.map(backupLine))),
  ];
}

// External key store proxy -------------------------------------------------------------------------

const LOGGED = 10; // of the log that are shown

// Causes that need no more than a word; the others are set up over HTTP.
const CAUSES = {
  "slow, 0.3 s": { latency: { seconds: 0.3 } },
  "clock 400 s off": { clock_skew: { seconds: 400 } },
  "cut connections": { cut_connections: {} },
  "HTML 502": { reverse_proxy: { bad_gateway: true } },
  "rewrite Host": { reverse_proxy: { host: "internal:8080" } },
  "plain HTTP": { plain_http: {} },
  "TLS 1.1": { tls: { maximum: "TLSv1.1" } },
  "no Encrypt": { unsupported: { api: "Encrypt" } },
  "1 request a second": { quota: { requests_per_second: 1 } },
  "out of use": { block: {} },
};

function atProxy(proxy, name, method, path, body) {
  return { name, method, path: at`xks-proxies/${proxy.host}/` + path, ...(body === undefined ? {} : { body }) };
}

const inWords = (cause) => `${cause.kind} ${Object.entries(cause.parameters).map(([name, value]) =>
  `${name}=${String(value).startsWith("-----BEGIN") ? "…" : value}`).join(" ")}`.trim();

function causeLine(proxy, cause) {
  const act = atProxy(proxy, `${cause.kind} is taken back`, "DELETE", at`causes/${cause.id}`);
  return h("li", { key: cause.id, class: "row" }, h("span", { class: "badge bad" }, inWords(cause)),
    button("take back", act, { "aria-label": `take back ${inWords(cause)}` }));
}

function externalKeyLine(proxy, prefix, key) {
  const path = at`keys/${key.name}` + (prefix.main ? "" : at`?path_prefix=${prefix.path_prefix}`);
  const label = key.enabled ? "disable" : "enable";
  const act = atProxy(proxy, `${label} ${key.name}`, "PUT", path, { enabled: !key.enabled });
  return h("li", { key: key.name, class: "row" }, h("span", { class: "id" }, key.name), badge(key.enabled ? "Enabled" : "Disabled"),
    h("span", { class: "soft" }, `${key.spec} ${key.usage.join(" ")} · version ${key.versions.at(-1)}`),
    button(label, act, { "aria-label": `${label} ${key.name}` }));
}

function instanceLine(proxy, instance, number) {
  return h("li", { key: instance.id, class: "row" }, h("span", { class: "id" }, instance.id), badge(instance.seen_health),
    ["ACTIVE", "DEGRADED", "UNAVAILABLE"].filter((health) => health !== instance.health).map((health) =>
      button(health, atProxy(proxy, `${instance.id} is ${health}`, "PUT", at`instances/${number}`, { health }),
        { "aria-label": `make ${instance.id} ${health}` })));
}

function logLine(entry, number) {
  const outcome = entry.error ?? (entry.status === 200 ? "success" : entry.message ?? String(entry.status));
  return h("li", { key: `${entry.time} ${number}`, class: "row" }, h("time", { datetime: entry.time }, written(entry.time)),
    h("span", {}, [entry.api, entry.external_key].filter(Boolean).join(" of ")),
    h("span", { class: outcome === "success" ? "badge good" : "badge bad" }, outcome),
    entry.rule && h("span", { class: "soft" }, entry.rule));
}

function credentialLine(store, prefix) {
  const used = store.xks_proxy.access_key_id;
  const known = prefix.access_key_ids.includes(used);
  return h("div", { class: "row", key: "credentials" }, prefix.access_key_ids.map((id) => h("span", { class: "id", key: id }, id)),
    h("span", { class: known ? "badge good" : "badge bad" }, known ? "KMS's is valid" : `KMS's is not: ${used}`));
}

function proxyParts(store, proxy) {
  const prefix = proxy.prefixes.find((each) => each.path === store.xks_proxy.path);
  const expired = proxy.certificate.expires <= state.health.now;
  return [
    h("div", { class: "row", key: "title" }, h("span", { class: "id" }, `${proxy.endpoint}${store.xks_proxy.path}`),
      h("span", { class: proxy.running ? "badge good" : "badge bad" }, proxy.running ? "running" : "stopped"),
      proxy.running
        ? button("stop", atProxy(proxy, "the proxy is stopped", "POST", "causes", { stop: {} }), { "aria-label": "stop the proxy" })
        : button("start", atProxy(proxy, "the proxy is started", "POST", "start", {}), { "aria-label": "start the proxy" })),
    h("div", { class: "row", key: "certificate" }, h("span", {}, "certificate"),
      h("span", { class: expired ? "badge bad" : "badge good" }, `${expired ? "expired" : "expires"} ${written(proxy.certificate.expires)}`),
      button("renew", atProxy(proxy, "the certificate is renewed", "POST", "certificate/renew", {}), { "aria-label": "renew the certificate" }),
      button("expire", atProxy(proxy, "the certificate has expired", "POST", "certificate/renew", { days: -1 }), { "aria-label": "let the certificate expire" })),
    h("h3", { key: "causes-title" }, "What is wrong with it"),
    proxy.causes.length ? h("ul", { key: "causes", "aria-label": "Causes" }, proxy.causes.map((each) => causeLine(proxy, each))) : h("p", { key: "well" }, "No cause is set up here."),
    h("div", { class: "row", key: "break" }, Object.entries(CAUSES).map(([label, body]) =>
      button(label, atProxy(proxy, label, "POST", "causes", body)))),
    prefix ? [
      h("h3", { key: "keys-title" }, "External keys"),
      h("ul", { key: "keys", "aria-label": "External keys" }, prefix.keys.map((key) => externalKeyLine(proxy, prefix, key))),
      h("h3", { key: "credentials-title" }, "Credentials"), credentialLine(store, prefix),
      prefix.rules.length > 0 && h("p", { key: "rules", class: "soft" }, `${prefix.rules.length} authorization rules`),
    ] : h("p", { key: "moved" }, `Nothing is under ${store.xks_proxy.path}; there is ${proxy.prefixes.map((each) => each.path).join(", ")}.`),
    h("h3", { key: "instances-title" }, "Key manager"),
    h("ul", { key: "instances", "aria-label": "Instances" }, proxy.instances.map((each, number) => instanceLine(proxy, each, number))),
    h("h3", { key: "log-title" }, "Log"),
    h("ul", { key: "log", "aria-label": "Log of the proxy" }, state.log.slice(-LOGGED).reverse().map(logLine)),
  ];
}

function showProxy(store) {
  const proxy = state.proxies.find(({ host }) => host.toLowerCase() === store.xks_proxy.host);
  show("#cluster .content", proxy ? proxyParts(store, proxy)
    : h("p", {}, `No proxy of this world is at ${store.xks_proxy.endpoint}; what KMS asks is in the timeline.`));
}

function showCluster() {
  const store = chosenStore();
  $("#cluster-title").textContent = isExternal(store) ? "Proxy" : "Cluster";
  if (isExternal(store)) return showProxy(store);
  const clusters = state.clusters.filter(inScope);
  if (state.store === ALL || !store) {
    show("#cluster .content", clusters.length ? h("ul", { "aria-label": "Clusters" }, clusters.map((each) =>
      h("li", { key: each.id, class: "row" }, h("span", { class: "id" }, each.id), badge(each.state),
        `${each.hsms.length} HSMs`, h("span", { class: "soft" }, `${each.account_id} · ${each.region}`))))
      : h("p", {}, "There is no cluster here."));
  } else if (state.cluster) {
    show("#cluster .content", clusterParts(state.cluster));
  } else {
    show("#cluster .content", h("p", {}, store.cluster_id ? `There is no cluster ${store.cluster_id} any more.` : "No cluster backs this key store."));
  }
  return undefined;
}

// Failures -------------------------------------------------------------------------------------------

function happen(failure, variant) {
  const body = { key_store_id: state.store, ...(variant ? { variant } : {}) };
  return {
    name: `${failure.name} is brought about`, method: "POST", path: at`failures/${failure.name}/happen`, body,
    typed: [curl({ method: "POST", path: at`failures/${failure.name}/happen`, body }),
      `Python: cks.failures["${failure.name}"].happen("${state.store}"${variant ? `, variant="${variant}"` : ""})`],
    done: () => `Done: ${failure.name} happens.`,
  };
}

const chosenVariants = new Map();

function failureLine(failure) {
  const [first, ...others] = failure.variants;
  const name = chosenVariants.get(failure.name) ?? first.name;
  const variant = failure.variants.find((each) => each.name === name);
  return h("li", { key: failure.name, class: "failure" },
    h("div", { class: "row" },
      chosenStore() && !isExternal(chosenStore()) && button("happen", happen(failure, others.length ? name : null), { key: "happen", "aria-label": `happen ${failure.name}` }),
      h("strong", {}, failure.name),
      others.length > 0 && h("select", {
        "aria-label": `Variant of ${failure.name}`,
        onchange: (event, select) => { chosenVariants.set(failure.name, select.value); render(); },
      }, failure.variants.map((each) => h("option", { key: each.name, value: each.name, selected: each.name === name }, each.name))),
      h("span", { class: "soft" }, failure.since)),
    h("details", {}, h("summary", {}, failure.title), h("p", {}, variant.cause),
      variant.needs.length > 0 && h("p", { class: "soft" }, `Needs: ${variant.needs.join(", ")}.`),
      h("p", {}, `Repair: ${variant.steps.map((step) => step.name).join(", ") || "there is none"}. `, pageLink(failure))));
}

function pageLink(failure) {
  return h("a", { href: failure.page, target: "_blank", rel: "noopener noreferrer", "aria-label": `AWS's page on ${failure.name}` }, "page ↗");
}

// What a person types for a step: a list of tools, each with its lines.
function commands(step) {
  const older = state.filter.older && step.with_older_tools.length > 0;
  const groups = [];
  for (const { tool, line, answers } of older ? step.with_older_tools : step.commands) {
    if (groups.at(-1)?.tool !== tool) groups.push({ tool, lines: [] });
    groups.at(-1).lines.push(line, ...answers);
  }
  return groups;
}

function stepLine(failure, step, done) {
  const groups = commands(step);
  const act = {
    name: `step ${step.number}, ${step.name}`, method: "POST", path: at`failures/${failure}/steps/${step.number}`,
    body: { key_store_id: state.store },
    typed: groups.length
      ? groups.map(({ tool, lines }) => `${tool === "aws" ? "" : `${tool}: `}${lines.join("; ")}`)
      : [`Python: ${step.python}`],
    done: ({ over }) => {
      markDone(failure, step.number);
      return over ? `Done: ${failure} is over.` : `Done: step ${step.number}, ${step.name}.`;
    },
  };
  return h("li", { key: step.number, class: done ? "step done" : "step" },
    h("div", { class: "row" }, h("strong", {}, `${step.number} ${step.name}`), done && h("span", { class: "badge good" }, "✔ done"),
      button("do", act, { "aria-label": `do step ${step.number}, ${step.name}` }),
      groups.length > 0 && copyButton(`copy the commands of step ${step.number}`, groups.flatMap(({ lines }) => lines).join("\n"))),
    h("div", {}, step.text),
    groups.map(({ tool, lines }) => [
      tool !== "aws" && h("div", { class: "soft" }, `in ${tool}`), h("pre", {}, lines.join("\n"))]));
}

function markDone(failure, number) {
  const key = `${failure} ${state.store}`;
  state.done.set(key, (state.done.get(key) ?? new Set()).add(number));
}

function happeningCard(happening) {
  const failure = state.failures.find(({ name }) => name === happening.failure);
  const done = state.done.get(`${failure.name} ${happening.key_store_id}`) ?? new Set();
  const body = { key_store_id: happening.key_store_id };
  const repair = {
    name: `${failure.name} is repaired`, method: "POST", path: at`failures/${failure.name}/repair`, body,
    typed: [curl({ method: "POST", path: at`failures/${failure.name}/repair`, body }), `Python: cks.failures["${failure.name}"].repair("${happening.key_store_id}")`],
  };
  return h("li", { key: `${failure.name} ${happening.key_store_id}`, class: "card happening" },
    h("div", { class: "row" }, h("strong", {}, `● ${failure.name}`), h("span", { class: "badge bad" }, "happening"),
      h("span", { class: "soft" }, `${happening.variant} · ${happening.key_store_id}`)),
    h("p", {}, failure.title, " ", pageLink(failure)),
    happening.key_store_id === state.store && [
      h("ol", { "aria-label": `Steps of the repair of ${failure.name}` },
        (state.steps.get(failure.name) ?? []).map((step) => stepLine(failure.name, step, done.has(step.number)))),
      h("div", { class: "row" }, button("repair all", repair, { class: "main", "aria-label": `repair all of ${failure.name}` })),
    ]);
}

function showFailures() {
  const { since, text, older } = state.filter;
  const here = state.happening.filter((each) => state.store === ALL || each.key_store_id === state.store);
  const happeningNames = new Set(here.map((each) => each.failure));
  const kinds = [...new Set(state.failures.map((each) => each.since))];
  const found = state.failures.filter((each) => !happeningNames.has(each.name) && [ALL, each.since].includes(since) &&
    `${each.name} ${each.title} ${each.decided_by ?? ""}`.toLowerCase().includes(text.toLowerCase()));
  show("#failures .content",
    !chosenStore() && h("p", { key: "choose" }, "Choose a key store to bring a failure about."),
    isExternal(chosenStore()) && h("p", { key: "external" }, "These are of AWS CloudHSM key stores; what goes wrong with an external one is set up at its proxy."),
    h("ul", { key: "happening", "aria-label": "Happening" }, here.map(happeningCard)),
    h("div", { class: "row", key: "filters" },
      choice("seen", since, [[ALL, "any time"], ...kinds.map((each) => [each, each])], (value) => { state.filter.since = value; }),
      h("label", { key: "text" }, "filter", h("input", {
        type: "search", size: 14, oninput: (event, input) => { state.filter.text = input.value; render(); },
      })),
      choice("commands for", older ? "3" : "5", [["5", "Client SDK 5"], ["3", "Client SDK 3"]], (value) => { state.filter.older = value === "3"; })),
    h("ul", { key: "table", class: "scroll", "aria-label": "Documented failures" }, found.map(failureLine)),
    h("p", { key: "count", class: "soft" }, `${found.length} of ${state.failures.length} failures`));
}

// Timeline -------------------------------------------------------------------------------------------

const KINDS = ["call", "state", "login", "proxy", "fault", "failure", "clock"];

function chooseSubject(subject) {
  state.subject = subject;
  render();
  say(subject ? `The timeline shows ${subject} only.` : "The timeline shows all subjects.");
}

// What belongs to the chosen key store, also when it is gone by now.
function noteConcerns() {
  const store = chosenStore();
  if (!store) return;
  const known = [store.id, store.cluster_id];
  for (const key of state.keys) if (key.key_store_id === store.id) known.push(key.id, key.arn);
  if (state.cluster) {
    const { cluster, backups } = state.cluster;
    known.push(...[...cluster.hsms, ...cluster.inactive_hsms, ...backups].map((each) => each.id));
    known.push(...cluster.hsms.flatMap((hsm) => hsm.keys).map((key) => key.label));
  }
  for (const each of known) if (each) state.concerns.add(each);
}

function concerns(entry) {
  return (state.subject === "" || entry.subject === state.subject) &&
    (state.kinds.size === 0 || state.kinds.has(entry.kind)) &&
    (!chosenStore() || entry.kind === "clock" || state.concerns.has(entry.subject));
}

function showTimeline() {
  const entries = [...state.timeline.values()].filter(concerns)
    .sort((one, other) => (one.time < other.time ? 1 : one.time > other.time ? -1 : other.number - one.number));
  const shown = entries.slice(0, ROWS);
  show("#timeline .content",
    h("div", { class: "row", key: "filters" }, h("fieldset", {}, h("legend", { class: "skip" }, "Kinds"), KINDS.map((kind) =>
      h("label", { key: kind }, h("input", {
        type: "checkbox", checked: state.kinds.has(kind),
        onchange: (event, box) => { if (box.checked) state.kinds.add(kind); else state.kinds.delete(kind); render(); },
      }), kind))),
    state.subject && h("button", { type: "button", key: "clear", onclick: () => chooseSubject("") }, `only ${state.subject} ✕`)),
    h("div", { class: "scroll", key: "rows", tabindex: "0", role: "group", "aria-label": "Entries" }, h("table", {},
      h("caption", {}, `${entries.length} entries, newest first${entries.length > ROWS ? `; the newest ${ROWS} are shown` : ""}`),
      h("thead", {}, h("tr", {}, ["time", "kind", "subject", "what"].map((each) => h("th", { scope: "col", key: each }, each)))),
      h("tbody", {}, shown.map((entry) => h("tr", { key: entry.number },
        h("td", {}, h("time", { datetime: entry.time }, written(entry.time))), h("td", {}, entry.kind),
        h("td", {}, entry.subject && h("button", {
          type: "button", class: "plain id", "aria-label": `only ${entry.subject}`, onclick: () => chooseSubject(entry.subject),
        }, shortKey(entry.subject))),
        h("td", {}, entry.what)))))));
}

// Following ------------------------------------------------------------------------------------------

function render() {
  if (!state.health) return;
  const focused = document.activeElement;
  const pane = focused.closest("section");
  showClock();
  showScope();
  showStores();
  showCluster();
  showFailures();
  showTimeline();
  if (!focused.isConnected) pane?.focus(); // the keyboard stays where it was
}

function forget() {
  Object.assign(state, {
    store: null, cluster: null, why: false, explanation: "", steps: new Map(), done: new Map(),
    timeline: new Map(), subject: "", concerns: new Set(), account: ALL, region: ALL, proxies: [], log: [],
  });
}

function lastTime() {
  let last = "";
  for (const { time } of state.timeline.values()) if (time > last) last = time;
  return last;
}

async function follow() {
  const last = lastTime();
  const since = last ? new Date(Date.parse(last) - OVERLAP).toISOString() : null;
  const { entries } = await get(since ? at`timeline?since=${since}` : "timeline");
  const before = state.timeline.size;
  for (const entry of entries) state.timeline.set(entry.number, entry);
  const grown = state.timeline.size > before;
  const numbers = [...state.timeline.keys()].sort((one, other) => one - other);
  for (const number of numbers.slice(0, -KEPT_ENTRIES)) state.timeline.delete(number);
  return grown;
}

async function look() {
  const [accounts, stores, keys, clusters, happening] = await Promise.all(
    ["accounts", "key-stores", "keys", "clusters", "failures/happening"].map(get));
  if (!state.failures.length) state.failures = (await get("failures")).failures;
  announce(stores.key_stores);
  Object.assign(state, {
    accounts: accounts.accounts, stores: stores.key_stores, keys: keys.keys, clusters: clusters.clusters,
    happening: happening.happening,
  });
  const here = state.stores.filter(inScope);
  if (state.store !== ALL && !here.some(({ id }) => id === state.store)) {
    state.store = here[0]?.id ?? null;
    state.concerns = new Set();
  }
  if (chosenStore()) await lookAtStore(chosenStore());
}

async function lookAtProxies(store) {
  const { proxies } = await get("xks-proxies");
  const found = proxies.find(({ host }) => host.toLowerCase() === store.xks_proxy.host);
  const { entries } = found ? await get(at`xks-proxies/${found.host}/log`) : { entries: [] };
  if (store.id !== state.store) return; // another one was chosen meanwhile
  state.proxies = proxies;
  state.log = entries;
}

async function lookAtStore(store) {
  if (isExternal(store)) await lookAtProxies(store);
  const cluster = state.clusters.find(({ id }) => id === store.cluster_id);
  const parts = cluster ? await Promise.all(["network", "sessions", "backups"].map((part) => get(at`clusters/${cluster.id}/${part}`))) : null;
  const explained = state.why ? await get(at`explain/${store.id}`) : { text: "" };
  const steps = new Map();
  for (const { failure, key_store_id } of state.happening) {
    if (key_store_id === store.id) {
      steps.set(failure, (await get(at`failures/${failure}/steps?key_store_id=${store.id}`)).steps);
    }
  }
  for (const key of state.done.keys()) {
    if (key.endsWith(` ${store.id}`) && !steps.has(key.split(" ")[0])) state.done.delete(key);
  }
  if (store.id !== state.store) return; // another one was chosen meanwhile
  const [network, sessions, backups] = parts ?? [];
  state.cluster = parts && { cluster, network, sessions: sessions.sessions, backups: backups.backups };
  state.explanation = explained.text;
  state.steps = steps;
}

// Tell what was done, and who does not see the colours change, what came of it.
function announce(stores) {
  const changed = stores.filter((store) => {
    const before = state.stores.find(({ id }) => id === store.id);
    return before && before.connection_state !== store.connection_state;
  }).map((store) => `${store.name} is ${[store.connection_state, store.connection_error_code].filter(Boolean).join(", ")}.`);
  if (state.said || changed.length) say([state.said, ...changed].filter(Boolean).join(" "));
  state.said = "";
}

let turn = Promise.resolve();

// One after the other, so that what is older never hides what is newer.
function update(all = false) {
  turn = turn.catch(() => {}).then(async () => {
    const health = await get("health");
    if (state.health && state.health.world !== health.world) forget();
    const fresh = !state.health || state.health.world !== health.world;
    state.health = health;
    if ((await follow()) || all || fresh) await look();
    noteConcerns();
    render();
  });
  return turn;
}

function refresh() {
  update(true).catch(() => {}); // what is wrong, the next poll tells
}

async function poll() {
  let lost = false;
  for (let count = 0; ; count += 1) {
    try {
      await update(count % REFRESH === 0);
      if (lost) complain(null);
      lost = false;
    } catch (error) {
      if (!(error instanceof Refusal)) {
        complain(new Error("The server does not answer."));
        lost = true;
      } // what was there a moment ago can be gone; the next look tells
    }
    await new Promise((resolve) => { setTimeout(resolve, POLL); });
  }
}

poll();
