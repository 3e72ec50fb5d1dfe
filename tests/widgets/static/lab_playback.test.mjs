import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { LabPlayback } from "../../../voxweave_nb/widgets/static/lab_playback.js";

/** A tile whose player gets its address when the test says so. */
function tileOf(id) {
  let arrive;
  const loaded = new Promise((resolve) => { arrive = resolve; });
  const video = { src: null, getAttribute: () => video.src };
  const player = { video, load: () => loaded, showCaptions() {} };
  const tile = { id, live: null, setHeard() {}, enliven: () => (tile.live = player) };
  tile.arrive = async () => { video.src = `${id}.mp4`; arrive(); await new Promise(setImmediate); };
  return tile;
}

/** The playback of some tiles, without a page. */
function opened(...ids) {
  const tiles = ids.map(tileOf), tracks = [];
  const transport = {
    playing: false, add: (id) => tracks.push(id),
    play: async () => { if (tracks.length) transport.playing = true; transport.heard = [...tracks]; },
  };
  const playback = Object.assign(Object.create(LabPlayback.prototype), {
    transport, bar: { muted: false, captionsOn: true }, hint: {}, _heard: "", _overdue: false, inSight: () => tiles,
    view: { tiles: new Map(tiles.map((tile) => [tile.id, tile])), sight: { ready: Promise.resolve() }, root: { classList: { add() {}, remove() {} } } },
  });
  return { playback, tiles, transport };
}

test("play waits for videos that are loading already", async () => {
  const { playback, tiles: [first, second], transport } = opened("a", "b");
  playback._warm = true;
  void playback._settleNow();
  const played = playback.toggle();
  await first.arrive();
  assert.equal(transport.playing, false);
  await second.arrive();
  await played;
  assert.deepEqual(transport.heard, ["a", "b"]);
});

test("a late video plays when it comes", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { playback, tiles: [tile], transport } = opened("a");
  const played = playback.toggle();
  await new Promise(setImmediate);
  mock.timers.tick(5000);
  await played;
  assert.equal(transport.playing, false);
  await tile.arrive();
  assert.equal(transport.playing, true);
  mock.timers.reset();
});
