@tool
extends RefCounted
## The device that a face comes from, as somebody wrote it: an IP address or a host name, with or without a port.
##
## A name is looked up on the engine's own thread; nothing here waits.

const _LOOK_UP_EVERY_S := 5.0
const _HELP := "give the IP address that the device's app shows, or the device's name; after a colon, a port"

## Without the port; empty when nobody is named.
var host := ""
## 0 when none is written.
var port := 0
## What is wrong, as one sentence: with what is written, or with the name, which nobody knows (yet).
var problem := ""
## The device's IP addresses, as the engine writes those of senders; empty until they are known.
var addresses := PackedStringArray()

var _query := IP.RESOLVER_INVALID_ID
var _is_name := false
var _since_looked_up := INF


func _init(text: String) -> void:
	var rest := text.strip_edges()
	if rest.is_empty():
		return
	host = rest
	var port_text := ""
	if rest.begins_with("[") and "]" in rest:
		host = rest.substr(1, rest.find("]") - 1)
		port_text = rest.substr(rest.find("]") + 1)
	elif rest.count(":") == 1:
		host = rest.get_slice(":", 0).strip_edges()
		port_text = ":" + rest.get_slice(":", 1)
	if not port_text.is_empty():
		var digits := port_text.trim_prefix(":").strip_edges()
		if not digits.is_valid_int() or int(digits) < 1 or int(digits) > 65535 or port_text[0] != ":":
			_refuse(text, "has no port from 1 to 65535 after its colon")
			return
		port = int(digits)
	if host.is_valid_ip_address():
		addresses = [IP.resolve_hostname(host)]
		if addresses[0] in ["0.0.0.0", "0:0:0:0:0:0:0:0", "255.255.255.255"]:
			_refuse(text, "is no device's address")
	elif host.replace(".", "").is_valid_int():
		_refuse(text, "is no IP address: that is four numbers from 0 to 255")
	elif RegEx.create_from_string("^[A-Za-z0-9_]([A-Za-z0-9_.-]{0,251}[A-Za-z0-9_.])?$").search(host) == null:
		_refuse(text, "is neither an IP address nor a host name")
	else:
		_is_name = true


func _notification(what: int) -> void:
	if what == NOTIFICATION_PREDELETE and _query != IP.RESOLVER_INVALID_ID:
		IP.erase_resolve_item(_query)


## Whether nobody is named.
func is_empty() -> bool:
	return host.is_empty()


## Goes on looking a name up; call it every frame. [param is_missed]: nothing comes from the device, which may have
## another address by now.
func look_up(delta: float, is_missed: bool) -> void:
	if not _is_name:
		return
	_since_looked_up += delta
	if _query != IP.RESOLVER_INVALID_ID:
		_accept_answer()
	elif is_missed and _since_looked_up >= _LOOK_UP_EVERY_S:
		_since_looked_up = 0.0
		IP.clear_cache(host)
		_query = IP.resolve_hostname_queue_item(host, IP.TYPE_ANY)


func _accept_answer() -> void:
	var status := IP.get_resolve_item_status(_query)
	if status == IP.RESOLVER_STATUS_WAITING:
		return
	if status == IP.RESOLVER_STATUS_DONE:
		addresses = []
		for address: String in IP.get_resolve_item_addresses(_query):
			addresses.append(address)
		problem = ""
	elif addresses.is_empty():
		problem = (
			"device_address names %s, which this network does not know (yet); is the device on, or %s?"
			% [host, "will its IP address do"]
		)
	IP.erase_resolve_item(_query)
	_query = IP.RESOLVER_INVALID_ID


func _refuse(text: String, why: String) -> void:
	addresses = []
	problem = 'device_address is "%s", which %s; %s.' % [text.left(80), why, _HELP]
