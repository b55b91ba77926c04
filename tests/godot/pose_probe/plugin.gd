@tool
extends EditorPlugin
## Ticks and unticks parameters of a pose in the inspector, shows every node that brings a character to life, and quits.

const PATH := "res://probe_pose.tres"


func _enter_tree() -> void:
	_run.call_deferred()


func _run() -> void:
	get_tree().create_timer(90.0).timeout.connect(_give_up)
	await _until(func() -> bool: return EditorInterface.get_edited_scene_root() != null)
	var root: AnimatedAnimeCharacter = EditorInterface.get_edited_scene_root()
	await _until(func() -> bool: return not root.is_expression_blending())
	var before := root.get_shown_pose()
	ResourceSaver.save(AnimePose.new(), PATH)
	var pose: AnimePose = load(PATH)
	EditorInterface.edit_resource(pose)
	for parameter: String in ["mouth_smirk", "head_y"]:
		await _until(func() -> bool: return _editor_of(parameter) != null)
		_editor_of(parameter).property_checked.emit(parameter, true)
		await _until(func() -> bool: return pose.sets(parameter))
	_editor_of("head_y").emit_changed("head_y", -0.5)
	await _until(func() -> bool: return _editor_of("weights/head_y") != null)
	_editor_of("weights/head_y").emit_changed("weights/head_y", 0.25)
	await _settle("pose")
	_editor_of("mouth_smirk").property_checked.emit("mouth_smirk", false)
	await _until(func() -> bool: return not pose.sets(&"mouth_smirk"))
	ResourceSaver.save(pose, PATH)
	print("set=%s" % ",".join(pose.get_parameters()))
	print("head_y=%s %s" % [pose.get_value(&"head_y"), pose.get_weight(&"head_y")])
	for child in root.get_children():
		EditorInterface.edit_node(child)
		await _settle(child.name)
	EditorInterface.edit_node(root)
	await _settle("character")
	print("still=%s" % (root.get_shown_pose() == before))
	print("smile=%s" % before[AnimatedAnimeCharacter.PARAMETER_NAMES.find("mouth_raised_corner_left")])
	get_tree().quit(0)


func _editor_of(property: String, below: Node = EditorInterface.get_inspector()) -> EditorProperty:
	for child in below.get_children():
		if child is EditorProperty and (child as EditorProperty).get_edited_property() == property:
			return child
		var found := _editor_of(property, child)
		if found:
			return found
	return null


func _settle(picture: String) -> void:
	for _frame in 15:
		await get_tree().process_frame
	RenderingServer.force_draw()
	var folder := OS.get_environment("PROBE_OUTPUT")
	var window := EditorInterface.get_base_control().get_viewport().get_texture().get_image()
	window.save_png(folder.path_join(picture + ".png"))


func _until(condition: Callable) -> void:
	while not condition.call():
		await get_tree().process_frame


func _give_up() -> void:
	printerr("ERROR: the editor did not get there in time")
	get_tree().quit(3)
