import assert from "node:assert/strict";
import { File } from "node:buffer";
import { test } from "node:test";

import { ACCEPT, rejection } from "../../../voxweave_nb/widgets/static/file_check.js";

const check = (content, name, type = "", most = 1e9) => rejection(new File([content], name, { type }), most);

test("audio and video are accepted by type or name", async () => {
  assert.equal(await check("ID3", "talk.mp3"), "");
  assert.equal(await check("RIFF", "TALK.WAV"), "");
  assert.equal(await check("abc", "talk", "audio/x-strange"), "");
  assert.equal(await check("abc", "film.dat", "video/mp4"), "");
});

test("AAC is not taken for a JPEG", async () => {
  assert.equal(await check(Uint8Array.of(0xff, 0xf8, 0xff, 0x00), "talk.aac"), "");
});

test("other files are named by their first bytes", async () => {
  const files = [["%PDF-1.7", "a PDF"], ["PK\x03\x04", "a ZIP archive"], [Uint8Array.of(0x89, 0x50, 0x4e, 0x47), "an image"],
    [Uint8Array.of(0xff, 0xd8, 0xff, 0xe0), "an image"], ["GIF89a", "an image"], ["#EXTM3U\n", "a playlist"], ["ffconcat version", "a playlist"],
    ["<!doctype html>", "a web page"], ["<HTML>", "a web page"], ["WEBVTT\n", "a subtitle file"], [Uint8Array.of(0x1f, 0x8b), "an archive"],
    ["Rar!", "an archive"], ["{\"a\": 1}", "a text file"], ["\x7fELF", "a program"]];
  for (const [content, type] of files) {
    assert.match(await check(content, "talk.mp3", "audio/mpeg"), new RegExp(`^talk\\.mp3 is ${type}`));
  }
});

test("an unknown name and type is not audio", async () => {
  assert.match(await check("some words", "notes.txt", "text/plain"), /^notes\.txt is not an audio file/);
  assert.match(await check("some words", "mp3"), /not an audio file/);
});

test("an empty file and a large one are refused", async () => {
  assert.match(await check("", "talk.mp3"), /^talk\.mp3 is empty/);
  assert.match(await check("x".repeat(200_000), "talk.mp3", "", 100_000), /has 0\.2 MB; the limit is 0\.1 MB/);
  assert.equal(await check("x".repeat(100_000), "talk.mp3", "", 100_000), "");
});

test("a file of one byte is no error", async () => assert.equal(await check("x", "talk.mp3"), ""));

test("the file chooser offers types and extensions", () => {
  for (const each of ACCEPT.split(",")) assert.match(each, /^(\.\w+|(audio|video)\/[\w*]+)$/);
});
