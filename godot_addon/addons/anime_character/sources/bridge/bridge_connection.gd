@tool
extends RefCounted
## The connection to the bridge at one address, shared by all nodes that use it; the main thread's side.
##
## Made and given back by bridge_connections.gd. It ends its thread, and the bridge if it started one, with
## [method close].

const BridgeProcess := preload("bridge_process.gd")
const BridgeWorker := preload("bridge_worker.gd")

## How long another bridge may take to answer that was quicker at the address, and how often it is looked whether it is
## gone.
const TAKEN_PATIENCE_MS := 10000
const TAKEN_RETRY_MS := 3000

var address := ""
## How many use it.
var users := 0
## The bridge that was started for this address, if one was.
var process: BridgeProcess

var _worker: BridgeWorker
var _thread := Thread.new()
# Since when another bridge has had the address, without an answer; -1: none has.
var _taken_since_ms := -1
var _held: Dictionary[String, int] = {}
# The mailbox that is sending a file, by session.
var _sending: Dictionary[int, int] = {}


func _init(bridge_address: String) -> void:
	address = bridge_address
	_worker = BridgeWorker.new(address)
	_thread.start(_worker.run)


func open_mailbox() -> int:
	return _worker.open_mailbox()


func close_mailbox(mailbox: int) -> void:
	_worker.close_mailbox(mailbox)


## Sends a request with the binary parts that belong to it; the number its answer will carry, or 0 when there is no
## connection.
func send(mailbox: int, header: Dictionary, parts: Array[PackedByteArray] = []) -> int:
	return _worker.send(mailbox, header, parts)


## How things stand, and what has come for this mailbox.
func take(mailbox: int) -> BridgeWorker.Delivery:
	return _worker.take(mailbox)


## Whether a mailbox may send a file in this session: nobody else is sending one. A bridge takes one file at a time from
## a client, and a file that several nodes show goes over the wire once. Who may gives the right back with
## [method end_sending] when the answer is there.
func begin_sending(session: int, mailbox: int) -> bool:
	if _sending.get(session, mailbox) != mailbox:
		return false
	_sending[session] = mailbox
	return true


## Gives the right back that [method begin_sending] gave.
func end_sending(session: int, mailbox: int) -> void:
	if _sending.get(session) == mailbox:
		_sending.erase(session)


## Counts one more user of a character that was loaded in this session.
func hold(session: int, handle: String) -> void:
	var key := "%d %s" % [session, handle]
	_held[key] = _held.get(key, 0) + 1


## Counts one user less. True when it was the last, so that the bridge is to be told.
func let_go(session: int, handle: String) -> bool:
	var key := "%d %s" % [session, handle]
	_held[key] = _held.get(key, 1) - 1
	if _held[key] > 0:
		return false
	_held.erase(key)
	return true


## Starts a bridge here, unless one was started already; one that had worked before it ended is started again.
## Gives what hindered it. When another bridge was quicker at the address, as that of another game, nothing hinders:
## that one will answer.
func start_process(roots: PackedStringArray) -> String:
	var failure := process.poll() if process else ""
	if failure.is_empty() and process:
		return ""
	if process and process.address_is_taken and not process.worked:
		var now := Time.get_ticks_msec()
		if _taken_since_ms < 0:
			_taken_since_ms = process.ended_ms
		if now - _taken_since_ms > TAKEN_PATIENCE_MS:
			return failure
		# The other one may be gone by now.
		if now - process.ended_ms < TAKEN_RETRY_MS:
			return ""
	elif process and not process.worked:
		return failure
	else:
		_taken_since_ms = -1
	process = BridgeProcess.new()
	return process.start(address, roots)


## Lets a bridge be started again that could not be started, or has ended: what hindered it may be mended.
func forget_failure() -> void:
	if process and process.pid < 0:
		process = null
		_taken_since_ms = -1


## Ends the bridge that was started here.
func stop_process() -> void:
	if process:
		process.stop()
		process = null


## Ends the thread and the bridge that was started.
func close() -> void:
	if _thread.is_started():
		_worker.stop()
		_thread.wait_to_finish()
	stop_process()
