extends Button
## Goes back to the menu of the demos; so does the Escape key.

const SceneChange := preload("res://demo/shared/scene_change.gd")

const MENU := "res://demo/menu.tscn"


func _ready() -> void:
	pressed.connect(go_back)


func _unhandled_input(event: InputEvent) -> void:
	if event.is_action_pressed("ui_cancel"):
		go_back()


## Opens the menu.
func go_back() -> void:
	SceneChange.open(get_tree(), MENU)
