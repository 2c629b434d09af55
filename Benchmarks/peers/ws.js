// A minimal Socket.IO server on `ws`, for `make bench`: what Node can do at best, without the layers of the reference server.
// node ws.js [deflate] PORT REDIS-PORT: with `deflate`, messages of 1 KiB and more are compressed, each for each client.
'use strict'
const http = require('http')
const net = require('net')
const { WebSocketServer } = require('ws')

const [port, redisPort] = process.argv.slice(-2).map(Number)
// Without a context of its own for each client, which would have it compress all messages, however small.
const perMessageDeflate = process.argv[2] === 'deflate' && { threshold: 1024, serverNoContextTakeover: true }
const rooms = new Map()

const server = http.createServer((request, response) => response.end('ok'))
const sockets = new WebSocketServer({ server, path: '/socket.io/', perMessageDeflate, clientTracking: false })

sockets.on('connection', (socket) => {
  const id = Math.random().toString(36).slice(2).padEnd(20, '0').slice(0, 20)
  const joined = new Set()
  const ping = setInterval(() => socket.send('2'), 25000)
  socket.send(`0{"sid":"${id}","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}`)
  socket.on('message', (data) => {
    const text = data.toString()
    if (text.startsWith('40')) return socket.send(`40{"sid":"${id}"}`)
    if (!text.startsWith('42')) return
    const [name, payload] = JSON.parse(text.slice(text.indexOf('[')))
    if (name === 'ping') return socket.send(`42["pong",{"timestamp":${Date.now()},"serverTime":"${new Date().toISOString()}"}]`)
    if (name !== 'join_room') return
    joined.add(payload.room)
    if (!rooms.has(payload.room)) rooms.set(payload.room, new Set())
    rooms.get(payload.room).add(socket)
    socket.send(`42["room_joined",${JSON.stringify({ room: payload.room })}]`)
  })
  socket.on('close', () => {
    clearInterval(ping)
    for (const room of joined) rooms.get(room).delete(socket)
  })
})

function publish (envelope) {
  const { type, symbol, data, timestamp } = JSON.parse(envelope)
  const members = rooms.get(`price:${symbol}`)
  if (!members) return
  const packet = Buffer.from(`42${JSON.stringify([type, { symbol, ...data, timestamp }])}`)
  for (const socket of members) socket.send(packet, { binary: false })
}

// Debian's Redis client costs more than the fan-out: pub/sub needs one command and one reply.
const redis = net.connect(redisPort, '127.0.0.1', () => redis.write('PSUBSCRIBE moonx:events:*\r\n'))
let rest = Buffer.alloc(0)
redis.on('data', (bytes) => {
  rest = Buffer.concat([rest, bytes])
  for (;;) {
    const message = parse(rest)
    if (!message) return
    rest = rest.subarray(message.length)
    if (message.values[0] === 'pmessage') publish(message.values[3])
  }
})

function parse (bytes) {
  let at = 0
  const line = () => {
    const end = bytes.indexOf('\r\n', at)
    if (end < 0) return null
    const text = bytes.toString('latin1', at, end)
    at = end + 2
    return text
  }
  const head = line()
  if (head === null) return null
  const values = []
  for (let left = Number(head.slice(1)); left > 0; left--) {
    const size = line()
    if (size === null) return null
    if (size[0] === ':') { values.push(Number(size.slice(1))); continue }
    const length = Number(size.slice(1))
    if (bytes.length < at + length + 2) return null
    values.push(bytes.toString('utf8', at, at + length))
    at += length + 2
  }
  return { length: at, values }
}

server.listen(port, '127.0.0.1', () => console.log('listening'))
