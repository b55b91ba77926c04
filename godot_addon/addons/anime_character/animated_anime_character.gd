@tool
@icon("icon.svg")
class_name AnimatedAnimeCharacter
extends "layered_character.gd"
## A character distilled from one anime illustration, animated in real time by a bridge process.
##
## Choose a [member character], run a bridge (or turn on [member start_bridge]), and set the pose parameters from code,
## from an [AnimationPlayer] or in the inspector. The node draws the picture like a [Sprite2D]; [member texture] can be
## handed to anything else that shows a texture. Without a bridge the character's own resting picture is shown, and the
## node connects by itself as soon as there is one.

## The bridge answers: the character will move.
signal connected
## The bridge has gone. The last picture stays, and the node connects again by itself.
signal lost
## A new picture has just been put into [member texture].
signal frame_shown
## Something is wrong that needs a person: what it is and what to do, once for each thing.
signal failed(message: String)

## Which part of the picture is shown.
enum View {
	FULL_BODY,  ## All of it: 512 by 512 pixels.
	HEAD,  ## The character's head; cheaper than all of it.
	CUSTOM,  ## [member custom_region].
}

const CharacterFeed := preload("character_feed.gd")
const CharacterMonitors := preload("character_monitors.gd")
const BridgeWorker := preload("bridge_worker.gd")
const ScreenPresence := preload("screen_presence.gd")
const Settings := preload("settings.gd")

## The full picture, in pixels.
const PICTURE := Rect2i(0, 0, 512, 512)
## Where the head is unless the character says otherwise.
const DEFAULT_HEAD_VIEW := Rect2i(160, 48, 192, 192)
## The least that [member resolution_scale] can be.
const SMALLEST_SCALE := 0.01
const _EDITOR_HELP := "The panel Anime Character at the bottom of the editor starts a bridge and shows how it does."

## The character: drag a [code].tha4[/code] file of the project here, or set what [method AnimeCharacter.from_file]
## gives. The bridge gets it over the connection, wherever it runs.
@export var character: AnimeCharacter:
	set(value):
		if value == character:
			return
		if character:
			character.changed.disconnect(_on_character_changed)
		character = value
		if character:
			character.changed.connect(_on_character_changed)
		_character_changed()
## Which part of the picture is shown. [member texture] holds just that part, and only that part is computed.
@export var view: View = View.FULL_BODY:
	set(value):
		view = value
		notify_property_list_changed()
		_region_changed()
## The rectangle that [constant CUSTOM] shows, in pixels of the 512 by 512 picture. It is pushed inside the picture.
@export var custom_region: Rect2i = PICTURE:
	set(value):
		var size := value.size.clamp(Vector2i.ONE, PICTURE.size)
		custom_region = Rect2i(value.position.clamp(Vector2i.ZERO, PICTURE.size - size), size)
		_region_changed()
## How finely the picture is sent, from 1 (every pixel) down. What is drawn keeps its size; what is sent and put into
## [member texture] gets smaller.
@export_range(0.05, 1.0, 0.01) var resolution_scale: float = 1.0:
	set(value):
		if not is_finite(value) or value <= 0.0 or value > 1.0:
			_warn_once("resolution_scale is above 0 and at most 1, but %s was given." % value, "resolution_scale")
		if is_finite(value) and value != resolution_scale:
			resolution_scale = clampf(value, SMALLEST_SCALE, 1.0)
			_wish_changed()
## The most pictures a second that are asked for; 0: as many as the game has frames. Fewer leave the bridge time for
## other characters.
@export_range(0, 240, 1, "or_greater", "suffix:fps") var max_fps: int = 0:
	set(value):
		max_fps = maxi(value, 0)
		_due_usec = 0
## Asks for pictures even while the node is hidden or off screen: for a [member texture] that only something else shows.
@export var update_when_hidden: bool = false
@export_group("Drawing")
## Whether the node's position is the picture's centre rather than its top left corner.
@export var centered: bool = true:
	set(value):
		centered = value
		queue_redraw()
## Moves the picture, in pixels.
@export var offset: Vector2 = Vector2.ZERO:
	set(value):
		offset = value
		queue_redraw()
## Mirrors the picture left to right.
@export var flip_h: bool = false:
	set(value):
		flip_h = value
		queue_redraw()
## Mirrors the picture top to bottom.
@export var flip_v: bool = false:
	set(value):
		flip_v = value
		queue_redraw()
@export_group("Bridge")
## Where the bridge is, as [code]tcp://127.0.0.1:5747[/code]; empty: as Project Settings > Anime Character say.
@export var bridge_address: String = "":
	set(value):
		if value != bridge_address:
			bridge_address = value
			reload()
## Starts a bridge on this computer when none answers, and stops it with the last node that uses it. Project Settings >
## Anime Character can turn this on for all nodes.
@export var start_bridge: bool = false:
	set(value):
		if value != start_bridge:
			start_bridge = value
			reload()

## What is shown, and nothing but the viewed rectangle. It is the same object for as long as the node lives, and is
## updated in place. Read only.
var texture: Texture2D:
	get:
		return _texture
## What runs the networks, as the bridge says: [code]native[/code], [code]cuda[/code] or [code]reference[/code]; empty
## while there is no bridge. Read only.
var engine_name: String:
	get:
		return _feed.engine if _feed else ""
## Milliseconds from asking for the last picture until it had come. Read only.
var latency_ms: float:
	get:
		return _latency_ms
## Milliseconds that the engine took for the last picture. Read only.
var render_ms: float:
	get:
		return _render_ms

var _feed: CharacterFeed
var _texture := ImageTexture.new()
var _image: Image
var _head_view := DEFAULT_HEAD_VIEW
var _problem := ""
# Counts what is wished for (pose, region, scale); a frame tells which count it shows.
var _wished := 1
var _shown := 0
var _shown_region := Rect2i()
var _ask_queued := false
# When the next picture may be asked for, on the clock of Time.get_ticks_usec.
var _due_usec := 0
var _latency_ms := 0.0
var _render_ms := 0.0
var _monitors := CharacterMonitors.new()
var _presence := ScreenPresence.new()


func _enter_tree() -> void:
	_presence.watch(get_canvas_item())
	_check_expression()
	_open_feed()
	_monitors.register(self)


func _exit_tree() -> void:
	_monitors.unregister()
	_presence.forget()
	_close_feed()


func _process(delta: float) -> void:
	advance(delta)
	if _feed:
		_feed.poll()
		_ask()


func _draw() -> void:
	_presence.set_rect(get_rect())
	if _shown_region.has_area():
		# Until the picture of a new view comes, the last one stays as it was.
		var rect := _rect_of(_shown_region)
		draw_texture_rect(
			_texture, Rect2(rect.position, rect.size * Vector2(-1 if flip_h else 1, -1 if flip_v else 1)), false
		)


func _validate_property(property: Dictionary) -> void:
	super(property)
	if property["name"] == "custom_region" and view != View.CUSTOM:
		property["usage"] &= ~PROPERTY_USAGE_EDITOR


func _get_configuration_warnings() -> PackedStringArray:
	if character == null or character.is_empty():
		return ["No character is chosen: drag a .tha4 file of the project onto Character."]
	if _problem.is_empty():
		return []
	return [_problem if is_bridge_connected() else "%s %s" % [_problem, _EDITOR_HELP]]


## The rectangle that is drawn, in the node's own coordinates.
func get_rect() -> Rect2:
	return _rect_of(get_region())


## The middle of the character's head at rest, in the node's own coordinates, whether it is in view or not.
func get_face_position() -> Vector2:
	var rect := get_rect()
	var place := Vector2(_head_view.position - get_region().position) + _head_view.size / 2.0
	if flip_h:
		place.x = rect.size.x - place.x
	if flip_v:
		place.y = rect.size.y - place.y
	return rect.position + place


## The viewed rectangle, in pixels of the 512 by 512 picture.
func get_region() -> Rect2i:
	match view:
		View.HEAD:
			return _head_view
		View.CUSTOM:
			return custom_region
	return PICTURE


## The picture in [member texture], without a way over the graphics card; null before there is one. Do not change it.
func get_image() -> Image:
	return _image


## Whether what is shown is the present pose, in the present view and scale.
func is_up_to_date() -> bool:
	return _shown == _wished


## Whether a bridge answers.
func is_bridge_connected() -> bool:
	return not engine_name.is_empty()


## Connects to the bridge anew.
func reload() -> void:
	if is_inside_tree():
		var old := _feed
		_feed = null
		_open_feed()
		# After the new one has joined: a connection that both use stays.
		if old:
			old.close()


func _rect_of(region: Rect2i) -> Rect2:
	var size := Vector2(region.size)
	return Rect2(offset - size / 2 if centered else offset, size)


func _open_feed() -> void:
	_set_problem("")
	if character == null or character.is_empty():
		return
	var address := bridge_address.strip_edges()
	if address.is_empty():
		address = Settings.address()
	var start := start_bridge or Settings.start_automatically()
	_feed = CharacterFeed.new(address, character, start)
	_feed.connected.connect(_on_feed_connected)
	_feed.lost.connect(_on_feed_lost)
	_feed.frame_arrived.connect(_on_feed_frame_arrived)
	_feed.failed.connect(_on_feed_failed)
	_show_resting_picture()


func _close_feed() -> void:
	if _feed:
		_feed.close()
		_feed = null


func _ask() -> void:
	_ask_queued = false
	var now := Time.get_ticks_usec()
	if _feed == null or now < _due_usec or not (update_when_hidden or _is_seen()) or not _feed.may_ask(_wished):
		return
	_feed.ask(_wished, get_shown_pose(), get_region(), resolution_scale)
	if max_fps > 0:
		# On a grid of even steps, so that the rate is met on average; after a pause the grid begins anew.
		var step := floori(1e6 / max_fps)
		_due_usec = (_due_usec if now - _due_usec < step else now) + step


# Whether somebody can see it.
func _is_seen() -> bool:
	return _presence.is_on_screen and is_visible_in_tree()


# Something other than the last frame is wanted. It is asked for at the end of this frame, when all parameters are set.
func _wish_changed() -> void:
	_wished += 1
	if not _ask_queued and is_inside_tree():
		_ask_queued = true
		_ask.call_deferred()


func _pose_changed() -> void:
	super()
	_wish_changed()


func _region_changed() -> void:
	_wish_changed()
	queue_redraw()
	if not is_bridge_connected():
		_show_resting_picture()


# Another character, or another file behind it.
func _character_changed() -> void:
	_shown_region = Rect2i()
	_head_view = character.head_view if character else DEFAULT_HEAD_VIEW
	_accept_file_expressions(character.expressions if character else {})
	_wish_changed()
	queue_redraw()
	update_configuration_warnings()
	if not is_inside_tree():
		return
	if character == null or character.is_empty():
		_close_feed()
	reload()


func _show_resting_picture() -> void:
	var picture := character.get_image() if character else null
	if picture:
		var region := get_region()
		_show(picture if region.size == picture.get_size() else picture.get_region(region), region)


func _show(image: Image, region: Rect2i) -> void:
	if Vector2i(_texture.get_size()) == image.get_size():
		_texture.update(image)
	else:
		_texture.set_image(image)
	_image = image
	if region != _shown_region:
		_shown_region = region
		queue_redraw()


func _set_problem(problem: String) -> void:
	if problem != _problem:
		_problem = problem
		update_configuration_warnings()


# A file that is imported again sets one property of its resource after another.
func _on_character_changed() -> void:
	_character_changed.call_deferred()


func _on_feed_connected() -> void:
	_set_problem("")
	connected.emit()


func _on_feed_lost() -> void:
	_shown = 0
	lost.emit()


func _on_feed_frame_arrived(frame: BridgeWorker.Frame) -> void:
	_show(frame.image, frame.region)
	_shown = frame.pose_number
	_latency_ms = frame.latency_ms
	_monitors.count(frame.image.get_data_size())
	_render_ms = frame.render_ms
	_set_problem("")
	frame_shown.emit()


func _on_feed_failed(message: String) -> void:
	_set_problem(message)
	push_warning("%s: %s" % [name, message])
	failed.emit(message)
