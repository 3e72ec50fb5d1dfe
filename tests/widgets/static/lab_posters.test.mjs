import assert from "node:assert/strict";
import { test } from "node:test";

import { Posters } from "../../../voxweave_nb/widgets/static/lab_posters.js";

/** Posters whose downloads end when the test says so. */
function opened(most = 2) {
  const ends = new Map(), asked = [], shown = [];
  const fetch = (id) => { asked.push(id); return new Promise((resolve) => ends.set(id, resolve)); };
  const posters = new Posters(fetch, (id, url) => shown.push([id, url]), most);
  const end = async (id) => { ends.get(id)(`blob:${id}`); await new Promise(setImmediate); };
  return { posters, asked, shown, end };
}

test("a few are loaded at a time", async () => {
  const { posters, asked, shown, end } = opened();
  posters.want(["a", "b", "c"]);
  assert.deepEqual(asked, ["a", "b"]);
  await end("a");
  assert.deepEqual(asked, ["a", "b", "c"]);
  assert.deepEqual(shown, [["a", "blob:a"]]);
});

test("one out of sight is left out", async () => {
  const { posters, asked, end } = opened(1);
  posters.want(["a", "b"]);
  posters.want(["c"]);
  await end("a");
  assert.deepEqual(asked, ["a", "c"]);
});

test("a loaded one is not loaded again", async () => {
  const { posters, asked, end } = opened();
  posters.want(["a"]);
  await end("a");
  posters.want(["a"]);
  assert.deepEqual(asked, ["a"]);
  posters.forget("a");
  posters.want(["a"]);
  assert.deepEqual(asked, ["a", "a"]);
});

test("one on its way is not loaded again", async () => {
  const { posters, asked, end } = opened();
  posters.want(["a"]);
  posters.want(["a", "b"]);
  await end("a");
  assert.deepEqual(asked, ["a", "b"]);
});

test("one that changed meanwhile is loaded anew", async () => {
  const { posters, asked, shown, end } = opened();
  posters.want(["a"]);
  posters.forget("a");
  await end("a");
  assert.deepEqual(shown, []);
  posters.want(["a"]);
  await end("a");
  assert.deepEqual(asked, ["a", "a"]);
  assert.deepEqual(shown, [["a", "blob:a"]]);
});
