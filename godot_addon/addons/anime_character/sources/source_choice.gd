@tool
extends RefCounted
## Which picture sources a character is tried with, in which order.

const BridgeSource := preload("bridge/bridge_source.gd")
const CpuSource := preload("cpu/cpu_source.gd")
const GpuSource := preload("gpu/gpu_source.gd")
const PictureSource := preload("picture_source.gd")
const Settings := preload("../settings.gd")
const SourceRelay := preload("source_relay.gd")
const WebSource := preload("web/web_source.gd")

## The scripts of the sources inside the game, by their kind.
static var scripts: Dictionary[String, GDScript] = {"gpu": GpuSource, "cpu": CpuSource, "web": WebSource}


## The sources for a character, as one. [param wish]: one of [constant Settings.ENGINES]. [param address]: where the
## node says that its bridge is; empty: as the settings say. [param start_bridge]: whether the node says that one is to
## be started.
static func open(character: AnimeCharacter, wish: String, address: String, start_bridge: bool) -> SourceRelay:
	var wants_bridge := start_bridge or not address.is_empty() or Settings.wants_bridge()
	var bridge_address := address if not address.is_empty() else Settings.address()
	var starts := start_bridge or Settings.start_automatically()
	var attempts: Array[SourceRelay.Attempt] = []
	for kind in order(wish, wants_bridge):
		if kind == "bridge":
			var make := func(why: String) -> PictureSource:
				return BridgeSource.new(character, bridge_address, starts, why)
			attempts.append(SourceRelay.Attempt.new(kind, func() -> String: return "", make))
		elif not character.file.is_empty() or wish == kind:
			var make := func(_why: String) -> PictureSource: return scripts[kind].new(character)
			attempts.append(SourceRelay.Attempt.new(kind, _why_not.bind(kind, character, wish == kind), make))
	return SourceRelay.new(attempts, wish != "auto")


## The kinds of sources in the order in which they are tried: what is wished for comes first. A wish for a bridge stands
## above [code]auto[/code]. The page's engine is one of them in Web exports, or where it is wished for.
static func order(wish: String, wants_bridge: bool) -> PackedStringArray:
	var first := "bridge" if wish == "auto" and wants_bridge else wish
	var kinds := PackedStringArray(["gpu", "cpu", "bridge"])
	if WebSource.is_in_page or wish == "web":
		kinds.insert(0, "web")
	if first in kinds:
		kinds.remove_at(kinds.find(first))
		kinds.insert(0, first)
	return kinds


## Why a source inside the game cannot be had for this character, as a sentence; empty when it can.
static func _why_not(kind: String, character: AnimeCharacter, is_wished: bool) -> String:
	if character.file.is_empty():
		return (
			"%s is a character's directory, which only a bridge reads; make a .tha4 file of it with tools/convert.py."
			% character.describe()
		)
	# The processor does the same in less time.
	if kind == "gpu" and not is_wished and is_software_rasteriser():
		return "the graphics card is the processor in disguise (%s)." % RenderingServer.get_video_adapter_name()
	return scripts[kind].call("why_not")


## Whether the processor does the graphics card's work.
static func is_software_rasteriser() -> bool:
	return RenderingServer.get_video_adapter_type() == RenderingDevice.DEVICE_TYPE_CPU
