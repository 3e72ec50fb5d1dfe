"""A provider over HTTP in a package of its own: the clips of a Lantern server, which is invented."""

from collections.abc import Callable
from pathlib import Path

import voxweave_nb as vw
from voxweave_nb.providers.http import segment

STATES = {"waiting": "queued", "lit": "running", "done": "succeeded", "out": "failed"}


class Lantern(vw.HttpProvider):
    """The clips of a Lantern server, which takes the narration as a reference."""

    name = "lantern"
    key_variable = "LANTERN_API_KEY"
    url_variable = "LANTERN_BASE_URL"
    default_url = "https://lantern.example/v1"
    capabilities = vw.Capabilities(
        (vw.Model("wick-1", sizes=(vw.Size(1280, 720), vw.Size(720, 1280)), lengths=(2.0, 4.0, 8.0), prompt=500,
                  narration="reference", price=vw.Price(0.05, "second"), at_once=2),),
        cancel=True, poll_interval=5.0, source="Lantern's price list, as of 2026-11",
    )  # fmt: skip

    async def upload(self, narration: Path, on_bytes: Callable[[int], None]) -> str:
        reply = await self.http.upload("narrations", "file", narration, on_bytes)
        if not reply.ok or reply.data is None:
            raise self.unavailable("did not take the narration", reply)
        return str(reply.data["narration"])

    async def submit(self, request: vw.ClipRequest) -> vw.Accepted:
        plan = request.plan
        fields = {"model": plan.model.name, "prompt": plan.prompt, "seconds": plan.seconds, "size": plan.size}
        fields["narration"] = request.reference
        reply = await self.http.send_once("jobs", say=request.say, json=fields)
        if not (job_id := (reply.data or {}).get("job")):
            raise self.http.in_doubt("its answer has no job id", reply)
        return vw.Accepted(job_id)

    async def status(self, job_id: str) -> vw.ProviderStatus:
        reply = await self.http.ask(f"jobs/{segment(job_id)}")
        data = reply.data or {}
        if data.get("state") not in STATES:
            raise self.no_status(reply, job_id)
        state = vw.JobState(STATES[data["state"]])
        return vw.ProviderStatus(state, data.get("glow"), data.get("why", ""), data.get("banned", False))

    async def download(self, job_id: str, to: Path, on_bytes: Callable[[int], None]) -> None:
        most = self.settings.max_download_bytes
        await self.http.fetch(f"jobs/{segment(job_id)}/clip", to, on_bytes, most=most)

    async def cancel(self, job_id: str) -> bool:
        try:
            return (await self.http.ask(f"jobs/{segment(job_id)}", method="DELETE")).ok
        except vw.ProviderError:  # it cannot be reached, so nothing is certain
            return False

    def refused(self, reply: vw.Reply) -> bool:
        return reply.status == 422 and (reply.data or {}).get("banned") is True
