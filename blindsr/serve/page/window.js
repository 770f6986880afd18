/* Sends files to the server, asks how far they are, and opens the page of a result. What is shown of a file is its name
   and what the server says of it. The keys of the jobs are kept in this tab alone. */
"use strict";

const EVERY = 400; // milliseconds between two questions
const HEADERS = { "X-Blindsr": "1" };
const STORE = "blindsr-jobs";
const drop = document.querySelector("[data-drop]");
const list = document.querySelector("[data-jobs]");
const said = document.querySelector("[data-said]");
const jobs = new Map(); // by key

const remember = () => sessionStorage.setItem(STORE, JSON.stringify([...jobs.keys()]));
const size = (bytes) => `${(bytes / 1048576).toFixed(0)} MiB`;

function show(name) {
  const item = document.getElementById("job").content.firstElementChild.cloneNode(true);
  const part = (what) => item.querySelector(`[data-${what}]`);
  part("name").textContent = name;
  list.prepend(item);
  const shown = {
    item,
    state(words, bad = false) {
      part("state").textContent = words;
      part("state").classList.toggle("bad", bad);
      if (bad) said.textContent = `${name}: ${words}`;
    },
    progress(done, total) {
      if (total > 0) part("progress").value = done / total;
      else part("progress").removeAttribute("value");
    },
    over(address) {
      part("progress").hidden = true;
      part("remove").textContent = "Remove";
      if (address === null) return;
      part("look").href = address;
      part("look").hidden = false;
      said.textContent = `${name} is done`;
    },
    onRemove: () => item.remove(),
  };
  part("remove").addEventListener("click", () => shown.onRemove());
  return shown;
}

function send(file) {
  const shown = show(file.name);
  const limit = Number(drop.dataset.bytes);
  if (file.size > limit) {
    shown.state(`${size(file.size)} is too large; at most ${size(limit)}`, true);
    shown.over(null);
    return;
  }
  const choices = new URLSearchParams();
  for (const choice of drop.querySelectorAll("[data-choice]")) choices.set(choice.dataset.choice, choice.value);
  const request = new XMLHttpRequest(); // tells how much was sent
  request.open("POST", `/jobs?${choices}`);
  request.setRequestHeader("Content-Type", "application/octet-stream");
  request.setRequestHeader("X-Name", encodeURIComponent(file.name));
  for (const [name, value] of Object.entries(HEADERS)) request.setRequestHeader(name, value);
  request.upload.onprogress = (event) => shown.progress(event.loaded, event.total);
  request.onerror = () => {
    shown.state("the server does not answer", true);
    shown.over(null);
  };
  request.onload = () => {
    if (request.status !== 201) {
      shown.state(request.responseText.trim() || "refused", true);
      shown.over(null);
      return;
    }
    follow(JSON.parse(request.responseText).key, shown, true);
  };
  shown.onRemove = () => {
    request.abort();
    shown.item.remove();
  };
  shown.state("sending");
  request.send(file);
}

async function follow(key, shown, opening) {
  jobs.set(key, shown);
  remember();
  let wanted = true;
  shown.onRemove = async () => {
    wanted = false;
    jobs.delete(key);
    remember();
    shown.item.remove();
    await fetch(`/jobs/${key}`, { method: "DELETE", headers: HEADERS }).catch(() => undefined);
  };
  while (wanted) {
    let job;
    try {
      const answer = await fetch(`/jobs/${key}`);
      if (!answer.ok) throw new Error(await answer.text());
      job = await answer.json();
    } catch {
      if (wanted) {
        shown.state("the server does not know it any more", true);
        shown.over(null);
        jobs.delete(key);
        remember();
      }
      return;
    }
    if (!wanted) return;
    const words = { waiting: `waiting, number ${job.place}`, working: job.stage || "starting", done: job.error ? `done; ${job.error}` : "done", failed: job.error };
    shown.state(words[job.state], job.state === "failed");
    shown.progress(job.step, job.state === "working" ? job.total : 0);
    if (job.state === "done" || job.state === "failed") {
      shown.over(job.state === "done" ? `/jobs/${key}/page` : null);
      if (opening && job.state === "done" && list.children.length === 1) location.assign(`/jobs/${key}/page`);
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, EVERY));
  }
}

async function again(key) {
  const answer = await fetch(`/jobs/${key}`).catch(() => undefined);
  if (answer?.ok) follow(key, show((await answer.json()).name), false);
}

const sendAll = (files) => [...files].forEach(send);
drop.addEventListener("submit", (event) => event.preventDefault());
drop.querySelector("[data-files]").addEventListener("change", (event) => {
  sendAll(event.target.files);
  event.target.value = "";
});
for (const [name, over] of [["dragenter", true], ["dragover", true], ["dragleave", false], ["drop", false]])
  document.addEventListener(name, (event) => {
    event.preventDefault(); // a file that misses the frame is not opened by the browser
    drop.classList.toggle("over", over);
    if (name === "drop") sendAll(event.dataTransfer.files);
  });
document.documentElement.classList.add("js");
JSON.parse(sessionStorage.getItem(STORE) ?? "[]").forEach(again);
