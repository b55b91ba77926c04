@tool
extends "probe.gd"
## Ticks and unticks parameters of a pose in the inspector, and shows every node that brings a character to life.

const PATH := "res://ticked.tres"


func play() -> void:
	var root := await character()
	await until(func() -> bool: return not root.is_expression_blending(), "an expression")
	var before := root.get_shown_pose()
	ResourceSaver.save(AnimePose.new(), PATH)
	var pose: AnimePose = load(PATH)
	EditorInterface.edit_resource(pose)
	for parameter: String in ["mouth_smirk", "head_y"]:
		await until(func() -> bool: return row_of(parameter) != null, parameter)
		row_of(parameter).property_checked.emit(parameter, true)
		await until(func() -> bool: return pose.sets(parameter), "a tick")
	row_of("head_y").emit_changed("head_y", -0.5)
	await until(func() -> bool: return row_of("weights/head_y") != null, "a weight")
	row_of("weights/head_y").emit_changed("weights/head_y", 0.25)
	await save_window("pose")
	row_of("mouth_smirk").property_checked.emit("mouth_smirk", false)
	await until(func() -> bool: return not pose.sets(&"mouth_smirk"), "no tick")
	ResourceSaver.save(pose, PATH)
	tell("set", ",".join(pose.get_parameters()))
	tell("head_y", "%s %s" % [pose.get_value(&"head_y"), pose.get_weight(&"head_y")])
	for child in root.get_children():
		EditorInterface.edit_node(child)
		await save_window(child.name)
	await inspect(root)
	await save_window("character")
	tell("still", root.get_shown_pose() == before)
	tell("smile", before[AnimatedAnimeCharacter.PARAMETER_NAMES.find("mouth_raised_corner_left")])
