@tool
extends RefCounted
## What makes one node's pictures: the contract that every source keeps, and the node knows nothing beyond it.
##
## A source that runs inside the game has a [code]static func why_not() -> String[/code], which gives why it cannot be
## had here as a sentence, or an empty text, and is made with the character. source_choice.gd knows them all.
##
## A node polls its source once a frame, and asks it for a picture whenever it wants another than the last one. While a
## picture is being made the source takes no second wish, so that a slow one always works on the newest pose. Nothing
## here ever waits.

## It can be asked for pictures, from now until [signal lost].
@warning_ignore("unused_signal")
signal connected
## It cannot any more, but tries to come back by itself. The last picture stays.
@warning_ignore("unused_signal")
signal lost
## A picture is there.
@warning_ignore("unused_signal")
signal picture_arrived(picture: Picture)
## Something is wrong that a person should know: what it is and what to do. Once for each thing.
@warning_ignore("unused_signal")
signal failed(message: String)
## It cannot show this character: another source has to. [param message] says why, and what to do, as a sentence. It
## is closed next, unless there is no other: then it stays, as what hindered it may be mended. Never sent before
## [method poll] was called.
@warning_ignore("unused_signal")
signal gave_up(message: String)


## One picture, in memory or on the graphics card.
class Picture:
	extends RefCounted
	## The number that it was asked for with.
	var number := 0
	## What is shown, in pixels of the 512 by 512 picture.
	var region := Rect2i()
	## Straight-alpha sRGB RGBA8 in memory; null when it is on the graphics card alone.
	var image: Image
	## On the graphics card, a texture of the main RenderingDevice with the same content, which the source keeps as it is
	## until its next picture has been shown; an invalid RID when it is in memory.
	var device_texture := RID()
	## Width and height in pixels: the region's times the scale.
	var size := Vector2i.ZERO
	## Whether it stands for one at the scale that was asked for, which the source is still preparing to draw.
	var is_preliminary := false
	## When it was asked for, on the clock of [method Time.get_ticks_usec].
	var asked_usec := 0
	## Milliseconds from asking until it was there.
	var latency_ms := 0.0
	## Milliseconds that the networks took for it.
	var render_ms := 0.0


## What runs the networks, as [code]gpu[/code], [code]native[/code] or [code]cuda[/code]; empty while nothing can be
## asked for.
var engine := ""


## Takes what has come, and gets on with what there is to do. Call it once a frame. Those who listen to the signals may
## close the source.
func poll() -> void:
	pass


## Whether a picture of this [param number] can be asked for: none is being made, and it was not asked for before.
func may_ask(_number: int) -> bool:
	return false


## Asks for a picture, after [method may_ask]: [param pose] has 45 values, [param region] lies in the 512 by 512
## picture, [param scale] is above 0 and at most 1, or 2 or 4. A source may bring a preliminary picture at
## another scale while it prepares to draw at this one, and lets itself be asked again then.
func ask(_number: int, _pose: PackedFloat32Array, _region: Rect2i, _scale: float) -> void:
	pass


## The last picture, read back from the graphics card when it is only there, which takes a while; null before there is
## one.
func read_back() -> Image:
	return null


## Ends it; call it before letting go of the source. Pictures on the graphics card are gone then.
func close() -> void:
	pass


## Width and height of a picture of [param region] at [param scale]: at least one pixel, and halves go to the even
## number, as the bridge rounds them.
static func scaled_size(region: Rect2i, scale: float) -> Vector2i:
	if scale == 1.0:
		return region.size
	return Vector2i(_scaled(region.size.x, scale), _scaled(region.size.y, scale))


static func _scaled(side: int, scale: float) -> int:
	var exact := side * scale
	var whole := floori(exact)
	var rest := exact - whole
	if rest > 0.5 or rest == 0.5 and whole % 2 == 1:
		whole += 1
	return maxi(whole, 1)
