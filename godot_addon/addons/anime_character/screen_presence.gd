@tool
extends RefCounted
## Whether a node's rectangle is on any screen, as the renderer finds when it draws: whatever camera, canvas layer or
## viewport looks at it.
##
## Until the renderer has drawn for the first time, and where it draws nothing at all (headless), it counts as on
## screen.

## Whether it was drawn last time. Read only.
var is_on_screen := true

# Of the watched node's item; empty while nothing is watched.
var _item := RID()
var _has_entered := false


## Begins to watch [param item]; in the editor nothing is watched, so that a slider shows what it does from any tab.
func watch(item: RID) -> void:
	is_on_screen = true
	_has_entered = false
	if not Engine.is_editor_hint():
		_item = item
		RenderingServer.frame_post_draw.connect(_on_first_drawn, CONNECT_ONE_SHOT)


## Tells which rectangle is watched, in the item's own coordinates.
func set_rect(rect: Rect2) -> void:
	if _item.is_valid():
		RenderingServer.canvas_item_set_visibility_notifier(_item, true, rect, _on_entered, _on_exited)


## Ends it.
func forget() -> void:
	if _item.is_valid():
		RenderingServer.canvas_item_set_visibility_notifier(_item, false, Rect2(), Callable(), Callable())
		_item = RID()
	if RenderingServer.frame_post_draw.is_connected(_on_first_drawn):
		RenderingServer.frame_post_draw.disconnect(_on_first_drawn)


func _on_entered() -> void:
	is_on_screen = true
	_has_entered = true


func _on_exited() -> void:
	is_on_screen = false


# What is on no screen is not told of.
func _on_first_drawn() -> void:
	is_on_screen = _has_entered
