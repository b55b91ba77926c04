@tool
extends "probe.gd"
## Uses the setup page: what it finds, choosing one of it, making an environment, with everything that goes wrong.

const Settings := preload("res://addons/anime_character/settings.gd")
const CALM_USEC := 40_000

var _page: Window


func play() -> void:
	# It waits for pip most of the time, which needs the processor more.
	var usual_usec := OS.low_processor_usage_mode_sleep_usec
	OS.low_processor_usage_mode_sleep_usec = CALM_USEC
	ProjectSettings.set_setting(Settings.COMMAND, option("broken").split("|"))
	_page = part("setup_window.gd")
	tell("package", _guess_of_package())
	_page.call("open")
	await _found(3)
	await _save_page("found")
	for row in _rows():
		tell("row", "%s|%s|%s" % [row.get_text(0), row.get_text(1), row.get_text(2)])
	tell("usable before", not button(_page, "Use Selected").disabled)
	for row in _rows():
		if row.get_text(2).begins_with("Works"):
			row.select(0)
			break
	button(_page, "Use Selected").pressed.emit()
	tell("chosen", " ".join(Settings.command()))
	await _found(2)
	for case: String in ["bad", "unreachable", "endless", "good"]:
		await _make(option(case), case == "endless")
		tell(case, _status())
	tell("made", " ".join(Settings.command()))
	await _found(3)
	await _save_page("made")
	tell("first row", _rows()[0].get_text(2))
	_page.hide()
	OS.low_processor_usage_mode_sleep_usec = usual_usec


# Makes an environment with a package in it, to the end or, once it is being built, to a cancellation.
func _make(package: String, is_cancelled: bool) -> void:
	var fields := below(_page, "LineEdit")
	for field: LineEdit in fields:
		field.text = package if field.placeholder_text else option("environment")
	button(_page, "Create and Use").pressed.emit()
	tell("can be begun twice", not button(_page, "Create and Use").disabled)
	if is_cancelled:
		await until(func() -> bool: return FileAccess.file_exists(option("building")), "the build")
		button(_page, "Cancel").pressed.emit()
	await until(func() -> bool: return not button(_page, "Create and Use").disabled, "an end", 120.0)


func _guess_of_package() -> String:
	var script: GDScript = _page.get_script()
	return script.call("checkout_around", option("inside"))


func _rows() -> Array[TreeItem]:
	return (below(_page, "Tree")[0] as Tree).get_root().get_children()


func _found(count: int) -> void:
	var is_there := func() -> bool:
		var is_tried := func(row: TreeItem) -> bool: return row.get_text(2) != "Being tried ..."
		return _rows().size() >= count and _rows().all(is_tried)
	await until(is_there, "%d rows" % count)


func _status() -> String:
	for label: Label in below(_page, "Label"):
		if label.get_parent() == button(_page, "Cancel").get_parent():
			return label.text
	return ""


func _save_page(picture: String) -> void:
	await frames(15)
	RenderingServer.force_draw()
	_page.get_texture().get_image().save_png(option("output").path_join(picture + ".png"))
