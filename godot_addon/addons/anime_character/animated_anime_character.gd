@tool
@icon("icon.svg")
class_name AnimatedAnimeCharacter
extends "layered_character.gd"
## A character distilled from one anime illustration, animated in real time: on the graphics card, on the processor, or
## by a bridge process.
##
## Choose a [member character], and set the pose parameters from code, from an [AnimationPlayer] or in the inspector.
## The node draws the picture like a [Sprite2D]; [member texture] can be handed to anything else that shows a texture.
## What makes the pictures is chosen by itself, unless [member engine] says otherwise; until the first of them is there
## the character's own resting picture is shown.

## There is something that makes the pictures: the character will move.
signal connected
## What made the pictures has gone. The last picture stays, and the node goes on by itself as soon as it can.
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

## What makes the pictures. One that cannot be had is said once, and the next one does it instead.
enum EngineChoice {
	AUTO,  ## What Project Settings > Anime Character say: as a rule the best that there is.
	GPU,  ## The graphics card, inside the game; not in the Compatibility renderer.
	CPU,  ## The processor, inside the game, by the addon's library.
	BRIDGE,  ## A bridge process, here or on another machine.
	WEB,  ## The engine of the web page in which a Web export runs.
}

const CharacterMonitors := preload("character_monitors.gd")
const PicturePace := preload("picture_pace.gd")
const PictureScale := preload("picture_scale.gd")
const PictureSource := preload("sources/picture_source.gd")
const ScreenPresence := preload("screen_presence.gd")
const Settings := preload("settings.gd")
const ShownPicture := preload("shown_picture.gd")
const SourceChoice := preload("sources/source_choice.gd")
const SourceRelay := preload("sources/source_relay.gd")

## The full picture, in pixels.
const PICTURE := Rect2i(0, 0, 512, 512)
## Where the head is unless the character says otherwise.
const DEFAULT_HEAD_VIEW := Rect2i(160, 48, 192, 192)
## The least that [member resolution_scale] can be, but for 0.
const SMALLEST_SCALE := 0.01
const _EDITOR_HELP := "The panel Anime Character at the bottom of the editor starts a bridge and shows how it does."

# Problems that have been printed, by whichever character.
static var _printed: Dictionary[String, bool] = {}

## The character: drag a [code].tha4[/code] file of the project here, or set what [method AnimeCharacter.from_file]
## gives.
@export var character: AnimeCharacter:
	set(value):
		if value == character:
			return
		if character:
			character.changed.disconnect(_character_changed)
		character = value
		if character:
			# A file that is imported again sets one property of its resource after another.
			character.changed.connect(_character_changed, CONNECT_DEFERRED)
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
## How fine the picture is; what is drawn keeps its size. 0: chosen by the size at which the node is drawn (or
## [member shown_by]), so that a large figure is as sharp as its drawing, and a small one costs little. 1: 512 pixels
## for all of it; less is coarser, and what is put into [member texture], and sent by a bridge, gets smaller. Above 1 it
## is drawn at 2 or 4, whichever is next, from the character's larger drawing where it has one.
@export_range(0.0, 4.0, 0.01) var resolution_scale: float = 0.0:
	set(value):
		if not is_finite(value) or value < 0.0 or value > PictureScale.LARGEST:
			_warn_once("resolution_scale is 0 (by itself) or up to 4, but %s was given." % value, "resolution_scale")
		if is_finite(value) and value != resolution_scale:
			resolution_scale = (0.0 if value == 0.0 else clampf(value, SMALLEST_SCALE, PictureScale.LARGEST))
			_scale_changed()
## What shows [member texture] in 3D, from top to bottom, as a [Sprite3D]: a [member resolution_scale] of 0 goes by the
## size at which its camera sees it, instead of that of this node.
@export var shown_by: VisualInstance3D:
	set(value):
		shown_by = value
		_scale_changed()
## The most pictures a second that are asked for; 0: as many as the game has frames. Fewer leave time for the
## game and for other characters.
@export_range(0, 240, 1, "or_greater", "suffix:fps") var max_fps: int = 0:
	get:
		return _pace.most_per_second
	set(value):
		_pace.most_per_second = value
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
@export_group("Engine")
## What makes the pictures. Project Settings > Anime Character say what [constant AUTO] is, and the environment variable
## [code]ANIME_CHARACTER_ENGINE[/code] stands above both.
@export var engine: EngineChoice = EngineChoice.AUTO:
	set(value):
		if value != engine:
			engine = value
			reload()
@export_group("Bridge")
## Where the bridge is, as [code]tcp://127.0.0.1:5747[/code]; empty: as Project Settings > Anime Character say. With an
## address here a bridge is what [constant AUTO] takes.
@export var bridge_address: String = "":
	set(value):
		if value != bridge_address:
			bridge_address = value
			reload()
## Starts a bridge on this computer when none answers, and stops it with the last node that uses it: then a bridge is
## what [constant AUTO] takes. Project Settings > Anime Character can turn this on for all nodes.
@export var start_bridge: bool = false:
	set(value):
		if value != start_bridge:
			start_bridge = value
			reload()

## What is shown, and nothing but the viewed rectangle. It is the same object for as long as the node lives, and is
## updated in place. Read only.
var texture: Texture2D:
	get:
		return _picture.texture
## What runs the networks: [code]gpu[/code] or [code]native[/code] inside the game, and as a bridge says:
## [code]native[/code], [code]cuda[/code] or [code]reference[/code]. Empty while nothing does. Read only.
var engine_name: String:
	get:
		return _source.engine if _source else ""
## At which scale pictures are asked for: [member resolution_scale], or what was chosen by itself. Read only.
var picture_scale: float:
	get:
		return _scale.chosen if resolution_scale == 0.0 else PictureScale.drawn(resolution_scale)
## Milliseconds from asking for the last picture until it was there. Read only.
var latency_ms: float:
	get:
		return _picture.latency_ms
## Milliseconds that the networks took for the last picture. Read only.
var render_ms: float:
	get:
		return _picture.render_ms

var _source: SourceRelay
var _picture := ShownPicture.new()
var _head_view := DEFAULT_HEAD_VIEW
var _problem := ""
# Counts what is wished for (pose, region, scale); a frame tells which count it shows.
var _wished := 1
var _shown := 0
var _ask_queued := false
var _pace := PicturePace.new()
var _scale := PictureScale.new()
var _monitors := CharacterMonitors.new()
var _presence := ScreenPresence.new()


func _init() -> void:
	super()
	_picture.region_changed.connect(queue_redraw)


func _enter_tree() -> void:
	_presence.watch(get_canvas_item())
	_scale.be_due()
	_check_expression()
	_open_source()
	_monitors.register(self)


func _exit_tree() -> void:
	_monitors.unregister()
	_presence.forget()
	_close_source()


func _process(delta: float) -> void:
	if _expression_blend.is_running:
		advance(delta)
	if _source:
		_source.poll()
	# Who listened may have taken it away.
	if _source:
		if resolution_scale == 0.0 and _scale.is_due(delta):
			_choose_scale()
		if not _ask_queued:
			_ask_at_end()


func _draw() -> void:
	_presence.set_rect(get_rect())
	if _picture.region.has_area():
		# Until the picture of a new view comes, the last one stays as it was.
		var rect := _rect_of(_picture.region)
		draw_texture_rect(
			texture, Rect2(rect.position, rect.size * Vector2(-1 if flip_h else 1, -1 if flip_v else 1)), false
		)


func _validate_property(property: Dictionary) -> void:
	super(property)
	if property["name"] == "custom_region" and view != View.CUSTOM:
		property["usage"] &= ~PROPERTY_USAGE_EDITOR


func _get_configuration_warnings() -> PackedStringArray:
	if character == null or character.is_empty():
		return ["No character is chosen: drag a .tha4 file of the project onto Character."]
	var warnings := PackedStringArray()
	var waits_for_bridge := get_playing_engine() == EngineChoice.BRIDGE and not is_animated()
	if not _problem.is_empty():
		warnings.append("%s %s" % [_problem, _EDITOR_HELP] if waits_for_bridge else _problem)
	if _source and not _source.detour.is_empty() and _source.detour != _problem:
		warnings.append(_source.detour)
	return warnings


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


## The picture in [member texture]; null before there is one. Do not change it. One that was made on the graphics card
## is read back from there, which takes a while.
func get_image() -> Image:
	return _source.read_back() if _source and _picture.is_on_card() else _picture.image


## Whether what is shown is the present pose, in the present view and scale.
func is_up_to_date() -> bool:
	return _shown == _wished


## What makes the pictures, or is going to; [constant AUTO] while there is no character.
func get_playing_engine() -> EngineChoice:
	return EngineChoice[_source.kind.to_upper()] if _source else EngineChoice.AUTO


## Whether the character moves: something makes its pictures.
func is_animated() -> bool:
	return not engine_name.is_empty()


## Whether a bridge makes the pictures, and answers.
func is_bridge_connected() -> bool:
	return is_animated() and get_playing_engine() == EngineChoice.BRIDGE


## Begins anew: chooses what makes the pictures, and connects to a bridge again. The last picture stays meanwhile.
func reload() -> void:
	if is_inside_tree():
		var old := _source
		_source = null
		_open_source()
		# After the new one has joined: a connection that both use stays.
		if old and _source and _picture.is_on_card():
			_source.hold(old)
		elif old:
			_picture.let_go_of_card()
			old.close()


func _rect_of(region: Rect2i) -> Rect2:
	var size := Vector2(region.size)
	return Rect2(offset - size / 2 if centered else offset, size)


func _open_source() -> void:
	_set_problem("")
	_shown = 0
	if character == null or character.is_empty():
		return
	var word: String = EngineChoice.find_key(engine)
	_source = SourceChoice.open(character, Settings.engine(word.to_lower()), bridge_address.strip_edges(), start_bridge)
	_source.connected.connect(_on_source_connected)
	_source.lost.connect(_on_source_lost)
	_source.picture_arrived.connect(_on_picture_arrived)
	_source.failed.connect(_on_source_failed)
	if not _picture.region.has_area():
		_show_resting_picture()


func _close_source() -> void:
	if _source:
		# A picture on the graphics card goes with its source.
		if _picture.is_on_card():
			_show_resting_picture()
		_picture.let_go_of_card()
		_source.close()
		_source = null


func _ask() -> void:
	_ask_queued = false
	# Without a limit a frame need not be told of it: each call of a script costs it some microseconds.
	var has_pace := _pace.most_per_second > 0
	if _source and _source.may_ask(_wished) and (not has_pace or _pace.is_due()):
		if update_when_hidden or _presence.is_on_screen and is_visible_in_tree():
			_source.ask(_wished, _composed_pose(), get_region(), picture_scale)
			if has_pace:
				_pace.step()


# At the end of this frame, when all parameters are set.
func _ask_at_end() -> void:
	_ask_queued = true
	_ask.call_deferred()


# Something other than the last frame is wanted.
func _wish_changed() -> void:
	_wished += 1
	if not _ask_queued and is_inside_tree():
		_ask_at_end()


func _scale_changed() -> void:
	_scale.be_due()
	_wish_changed()
	var drawing := character.drawing_size if character else PICTURE.size.x
	if resolution_scale > 1.0 and character and not character.is_empty() and picture_scale * PICTURE.size.x > drawing:
		var enlarged := "%s has a drawing of %d pixels, which is enlarged for a resolution_scale of %d;"
		enlarged += " tools/convert.py --drawing-hd gives it a larger one."
		_warn_once(enlarged % [character.describe(), drawing, picture_scale], "enlarged %s" % character.sha256)


# Follows the size at which the picture is drawn.
func _choose_scale() -> void:
	var before := _scale.chosen
	var pixels := 0.0
	if is_instance_valid(shown_by) and shown_by.is_inside_tree():
		pixels = PictureScale.pixels_in_space(shown_by, get_region().size.y)
	elif _presence.is_on_screen and is_visible_in_tree():
		pixels = PictureScale.pixels_of_item(self)
	if _scale.choose(pixels, character.drawing_size / float(PICTURE.size.x)) != before:
		_wish_changed()


func _shown_pose_changed() -> void:
	_wish_changed()


func _region_changed() -> void:
	_scale.be_due()
	_wish_changed()
	queue_redraw()
	if not is_animated():
		_show_resting_picture()


# Another character, or another file behind it.
func _character_changed() -> void:
	_picture.region = Rect2i()
	_head_view = character.head_view if character else DEFAULT_HEAD_VIEW
	_accept_file_expressions(character.expressions if character else {})
	_scale_changed()
	queue_redraw()
	update_configuration_warnings()
	if not is_inside_tree():
		return
	if character == null or character.is_empty():
		_close_source()
	reload()


func _show_resting_picture() -> void:
	var picture := character.get_image() if character else null
	if picture:
		_picture.take_resting(picture, get_region())


func _set_problem(problem: String) -> void:
	if problem != _problem:
		_problem = problem
		update_configuration_warnings()


func _on_source_connected() -> void:
	_set_problem("")
	connected.emit()


func _on_source_lost() -> void:
	_shown = 0
	lost.emit()


func _on_picture_arrived(picture: PictureSource.Picture) -> void:
	_picture.take(picture)
	_shown = 0 if picture.is_preliminary else picture.number
	_monitors.count(4 * picture.size.x * picture.size.y)
	if not _problem.is_empty():
		_set_problem("")
	frame_shown.emit()


func _on_source_failed(message: String) -> void:
	_set_problem(message)
	if not _printed.has(message):
		_printed[message] = true
		push_warning("%s: %s" % [name, message])
	failed.emit(message)
