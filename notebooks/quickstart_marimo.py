import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="A narration becomes a video")


@app.cell(hide_code=True)
def _():
    import marimo as mo

    mo.md("""
    # A narration becomes a video

    In marimo, `AudioInput` takes the narration, a job shows its progress, and `Player` plays the video. `VideoPanel`,
    which has all of this in one panel, is for Jupyter.
    """)
    return (mo,)


@app.cell
def _():
    from voxweave_nb import AudioInput, Player, VideoGenerationService, VideoStyle
    from voxweave_nb.sample import SAMPLE_PROMPT, sample_narration, sample_subtitles

    service = VideoGenerationService.default()
    return (
        AudioInput,
        Player,
        SAMPLE_PROMPT,
        VideoStyle,
        sample_narration,
        sample_subtitles,
        service,
    )


@app.cell
def _(AudioInput):
    # Choose, drop or record a narration; without one, the sample is used.
    audio = AudioInput()
    audio
    return (audio,)


@app.cell
def _(SAMPLE_PROMPT, VideoStyle, mo):
    style = mo.ui.dropdown([style.value for style in VideoStyle], value="cinematic", label="Style")
    prompt = mo.ui.text(SAMPLE_PROMPT, label="Prompt", full_width=True)
    quality = mo.ui.radio(["draft", "standard"], value="draft", label="Quality", inline=True)
    generate = mo.ui.run_button(label="Generate")
    mo.vstack([prompt, mo.hstack([style, quality, generate], justify="start", gap=2)])
    return generate, prompt, quality, style


@app.cell
def _(
    audio,
    generate,
    mo,
    prompt,
    quality,
    sample_narration,
    sample_subtitles,
    service,
    style,
):
    # marimo runs a cell whenever a value that it uses changes. A video is made, and paid, only for a pressed button.
    mo.stop(not generate.value, mo.md("Press **Generate**."))
    mo.stop(
        audio.state in ("receiving", "checking"),
        mo.md("The narration is not there yet; press **Generate** again."),
    )
    narration, subtitles = (
        (audio.narration(), None) if audio.path else (sample_narration(), sample_subtitles())
    )
    job = service.submit(
        narration, subtitles=subtitles, style=style.value, prompt=prompt.value, quality=quality.value
    )
    job
    return (job,)


@app.cell
async def _(Player, job):
    Player(await job)
    return


if __name__ == "__main__":
    app.run()
