// Made by scripts/msgpack-table.py. Do not edit.
// msgpack 1.2.4 of Python.

enum GoldenTable {
    /// What Python writes, and the same value as JSON.
    static let written: [Pair] = [
        Pair([.hex("c0")], json: [.hex("6e756c6c")]),
        Pair([.hex("c3")], json: [.hex("74727565")]),
        Pair([.hex("c2")], json: [.hex("66616c7365")]),
        Pair([.hex("d38000000000000000")], json: [.hex("2d39323233333732303336383534373735383038")]),
        Pair([.hex("d38000000000000001")], json: [.hex("2d39323233333732303336383534373735383037")]),
        Pair([.hex("d3ffdfffffffffffff")], json: [.hex("2d39303037313939323534373430393933")]),
        Pair([.hex("d3ffe0000000000000")], json: [.hex("2d39303037313939323534373430393932")]),
        Pair([.hex("d3ffe0000000000001")], json: [.hex("2d39303037313939323534373430393931")]),
        Pair([.hex("d3fffffffeffffffff")], json: [.hex("2d34323934393637323937")]),
        Pair([.hex("d3ffffffff00000000")], json: [.hex("2d34323934393637323936")]),
        Pair([.hex("d3ffffffff00000001")], json: [.hex("2d34323934393637323935")]),
        Pair([.hex("d3ffffffff7fffffff")], json: [.hex("2d32313437343833363439")]),
        Pair([.hex("d280000000")], json: [.hex("2d32313437343833363438")]),
        Pair([.hex("d280000001")], json: [.hex("2d32313437343833363437")]),
        Pair([.hex("d2fffeffff")], json: [.hex("2d3635353337")]),
        Pair([.hex("d2ffff0000")], json: [.hex("2d3635353336")]),
        Pair([.hex("d2ffff0001")], json: [.hex("2d3635353335")]),
        Pair([.hex("d2ffff7fff")], json: [.hex("2d3332373639")]),
        Pair([.hex("d18000")], json: [.hex("2d3332373638")]),
        Pair([.hex("d18001")], json: [.hex("2d3332373637")]),
        Pair([.hex("d1feff")], json: [.hex("2d323537")]),
        Pair([.hex("d1ff00")], json: [.hex("2d323536")]),
        Pair([.hex("d1ff01")], json: [.hex("2d323535")]),
        Pair([.hex("d1ff7f")], json: [.hex("2d313239")]),
        Pair([.hex("d080")], json: [.hex("2d313238")]),
        Pair([.hex("d081")], json: [.hex("2d313237")]),
        Pair([.hex("d0df")], json: [.hex("2d3333")]),
        Pair([.hex("e0")], json: [.hex("2d3332")]),
        Pair([.hex("e1")], json: [.hex("2d3331")]),
        Pair([.hex("ef")], json: [.hex("2d3137")]),
        Pair([.hex("f0")], json: [.hex("2d3136")]),
        Pair([.hex("f1")], json: [.hex("2d3135")]),
        Pair([.hex("fe")], json: [.hex("2d32")]),
        Pair([.hex("ff")], json: [.hex("2d31")]),
        Pair([.hex("00")], json: [.hex("30")]),
        Pair([.hex("01")], json: [.hex("31")]),
        Pair([.hex("02")], json: [.hex("32")]),
        Pair([.hex("0f")], json: [.hex("3135")]),
        Pair([.hex("10")], json: [.hex("3136")]),
        Pair([.hex("11")], json: [.hex("3137")]),
        Pair([.hex("1f")], json: [.hex("3331")]),
        Pair([.hex("20")], json: [.hex("3332")]),
        Pair([.hex("21")], json: [.hex("3333")]),
        Pair([.hex("7f")], json: [.hex("313237")]),
        Pair([.hex("cc80")], json: [.hex("313238")]),
        Pair([.hex("cc81")], json: [.hex("313239")]),
        Pair([.hex("ccff")], json: [.hex("323535")]),
        Pair([.hex("cd0100")], json: [.hex("323536")]),
        Pair([.hex("cd0101")], json: [.hex("323537")]),
        Pair([.hex("cd7fff")], json: [.hex("3332373637")]),
        Pair([.hex("cd8000")], json: [.hex("3332373638")]),
        Pair([.hex("cd8001")], json: [.hex("3332373639")]),
        Pair([.hex("cdffff")], json: [.hex("3635353335")]),
        Pair([.hex("ce00010000")], json: [.hex("3635353336")]),
        Pair([.hex("ce00010001")], json: [.hex("3635353337")]),
        Pair([.hex("ce7fffffff")], json: [.hex("32313437343833363437")]),
        Pair([.hex("ce80000000")], json: [.hex("32313437343833363438")]),
        Pair([.hex("ce80000001")], json: [.hex("32313437343833363439")]),
        Pair([.hex("ceffffffff")], json: [.hex("34323934393637323935")]),
        Pair([.hex("cf0000000100000000")], json: [.hex("34323934393637323936")]),
        Pair([.hex("cf0000000100000001")], json: [.hex("34323934393637323937")]),
        Pair([.hex("cf0000019a6ecbaff4")], json: [.hex("31373632373935343333393732")]),
        Pair([.hex("cf001fffffffffffff")], json: [.hex("39303037313939323534373430393931")]),
        Pair([.hex("cf0020000000000000")], json: [.hex("39303037313939323534373430393932")]),
        Pair([.hex("cf0020000000000001")], json: [.hex("39303037313939323534373430393933")]),
        Pair([.hex("cf7fffffffffffffff")], json: [.hex("39323233333732303336383534373735383037")]),
        Pair([.hex("cf8000000000000000")], json: [.hex("39323233333732303336383534373735383038")]),
        Pair([.hex("cf8000000000000001")], json: [.hex("39323233333732303336383534373735383039")]),
        Pair([.hex("cfffffffffffffffff")], json: [.hex("3138343436373434303733373039353531363135")]),
        Pair([.hex("cb3fe0000000000000")], json: [.hex("302e35")]),
        Pair([.hex("cbbfe0000000000000")], json: [.hex("2d302e35")]),
        Pair([.hex("cb3fb999999999999a")], json: [.hex("302e31")]),
        Pair([.hex("cb400921fb54442d18")], json: [.hex("332e313431353932363533353839373933")]),
        Pair([.hex("cb40f9bd999999999a")], json: [.hex("3130353433332e36")]),
        Pair([.hex("cb0000000000000001")], json: [.hex("35652d333234")]),
        Pair([.hex("cb7fefffffffffffff")], json: [.hex("312e37393736393331333438363233313537652b333038")]),
        Pair([.hex("cb444b1ae4d6e2ef50")], json: [.hex("31652b3231")]),
        Pair([.hex("cb3e7ad7f29abcaf48")], json: [.hex("31652d3037")]),
        Pair([.hex("cbbe25798ee2308c3a")], json: [.hex("2d322e35652d3039")]),
        Pair([.hex("a0")], json: [.hex("2222")]),
        Pair([.hex("a161")], json: [.hex("226122")]),
        Pair([.hex("a2c3a9")], json: [.hex("22c3a922")]),
        Pair([.hex("a4f09f9880")], json: [.hex("22f09f988022")]),
        Pair([.hex("a5001f225c2f")], json: [.hex("225c75303030305c75303031665c225c5c2f22")]),
        Pair([.hex("bf"), .run(0x78, 31)], json: [.hex("22"), .run(0x78, 31), .hex("22")]),
        Pair([.hex("d920"), .run(0x78, 32)], json: [.hex("22"), .run(0x78, 32), .hex("22")]),
        Pair([.hex("d9ff"), .run(0x78, 255)], json: [.hex("22"), .run(0x78, 255), .hex("22")]),
        Pair([.hex("da0100"), .run(0x78, 256)], json: [.hex("22"), .run(0x78, 256), .hex("22")]),
        Pair([.hex("daffff"), .run(0x78, 65535)], json: [.hex("22"), .run(0x78, 65535), .hex("22")]),
        Pair([.hex("db00010000"), .run(0x78, 65536)], json: [.hex("22"), .run(0x78, 65536), .hex("22")]),
        Pair([.hex("90")], json: [.hex("5b5d")]),
        Pair([.hex("9401a132c092c380")], json: [.hex("5b312c2232222c6e756c6c2c5b747275652c7b7d5d5d")]),
        Pair(
            [.hex("9f000102030405060708090a0b0c0d0e")],
            json: [.hex("5b302c312c322c332c342c352c362c372c382c392c31302c31312c31322c31332c31345d")]
        ),
        Pair(
            [.hex("dc0010000102030405060708090a0b0c0d0e0f")],
            json: [.hex("5b302c312c322c332c342c352c362c372c382c392c31302c31312c31322c31332c31342c31355d")]
        ),
        Pair([.hex("80")], json: [.hex("7b7d")]),
        Pair(
            [
                .hex(
                    "84a47479706502a46461746192a5707269636582a673796d626f6ca84254432d55534443a57072696365ac3130353433332e3630303030a36e7370a12fa2696407"
                )
            ],
            json: [
                .hex(
                    "7b2274797065223a322c2264617461223a5b227072696365222c7b2273796d626f6c223a224254432d55534443222c227072696365223a223130353433332e3630303030227d5d2c226e7370223a222f222c226964223a377d"
                )
            ]
        ),
        Pair(
            [.hex("8fa13000a13101a13202a13303a13404a13505a13606a13707a13808a13909a231300aa231310ba231320ca231330da231340e")],
            json: [
                .hex(
                    "7b2230223a302c2231223a312c2232223a322c2233223a332c2234223a342c2235223a352c2236223a362c2237223a372c2238223a382c2239223a392c223130223a31302c223131223a31312c223132223a31322c223133223a31332c223134223a31347d"
                )
            ]
        ),
        Pair(
            [.hex("de0010a13000a13101a13202a13303a13404a13505a13606a13707a13808a13909a231300aa231310ba231320ca231330da231340ea231350f")],
            json: [
                .hex(
                    "7b2230223a302c2231223a312c2232223a322c2233223a332c2234223a342c2235223a352c2236223a362c2237223a372c2238223a382c2239223a392c223130223a31302c223131223a31312c223132223a31322c223133223a31332c223134223a31342c223135223a31357d"
                )
            ]
        ),
    ]

    /// What Python reads, but would write otherwise, and the value as JSON.
    static let foreign: [Pair] = [
        Pair([.hex("cc05")], json: [.hex("35")]),
        Pair([.hex("cd0005")], json: [.hex("35")]),
        Pair([.hex("ce00000005")], json: [.hex("35")]),
        Pair([.hex("cf0000000000000005")], json: [.hex("35")]),
        Pair([.hex("d005")], json: [.hex("35")]),
        Pair([.hex("d10005")], json: [.hex("35")]),
        Pair([.hex("d200000005")], json: [.hex("35")]),
        Pair([.hex("d30000000000000005")], json: [.hex("35")]),
        Pair([.hex("d0ff")], json: [.hex("2d31")]),
        Pair([.hex("d1ffff")], json: [.hex("2d31")]),
        Pair([.hex("d2ffffffff")], json: [.hex("2d31")]),
        Pair([.hex("d3ffffffffffffffff")], json: [.hex("2d31")]),
        Pair([.hex("ca3f000000")], json: [.hex("302e35")]),
        Pair([.hex("ca7f7fffff")], json: [.hex("332e34303238323334363633383532383836652b3338")]),
        Pair([.hex("cb3ff0000000000000")], json: [.hex("31")]),
        Pair([.hex("d90161")], json: [.hex("226122")]),
        Pair([.hex("da000161")], json: [.hex("226122")]),
        Pair([.hex("db0000000161")], json: [.hex("226122")]),
        Pair([.hex("dc000101")], json: [.hex("5b315d")]),
        Pair([.hex("dd0000000101")], json: [.hex("5b315d")]),
        Pair([.hex("de0001a16101")], json: [.hex("7b2261223a317d")]),
        Pair([.hex("df00000001a16101")], json: [.hex("7b2261223a317d")]),
        Pair([.hex("cb4341c37937e08000")], json: [.hex("31652b3136")]),
    ]

    /// Timestamps.
    static let timestamps: [Time] = [
        Time([.hex("d6ff00000000")], 0, 0),
        Time([.hex("d6ff00000001")], 1, 0),
        Time([.hex("d6ffffffffff")], 4294967295, 0),
        Time([.hex("d7ff0000000100000000")], 4294967296, 0),
        Time([.hex("d7ff0000000400000000")], 0, 1),
        Time([.hex("d7ffee6b27ffffffffff")], 17179869183, 999999999),
        Time([.hex("c70cff000000000000000400000000")], 17179869184, 0),
        Time([.hex("c70cff00000000ffffffffffffffff")], -1, 0),
        Time([.hex("c70cff3b8b87c0ffffffffffffffff")], -1, 999000000),
        Time([.hex("c70cff000000008000000000000000")], -9223372036854775808, 0),
    ]

    /// Binary data and extensions of type 42, each of so many bytes of value 7.
    static let blobs: [Blob] = [
        Blob(count: 0, binary: [.hex("c400")], extension: [.hex("c7002a")]),
        Blob(count: 1, binary: [.hex("c40107")], extension: [.hex("d42a07")]),
        Blob(count: 2, binary: [.hex("c4020707")], extension: [.hex("d52a0707")]),
        Blob(count: 4, binary: [.hex("c40407070707")], extension: [.hex("d62a07070707")]),
        Blob(count: 8, binary: [.hex("c4080707070707070707")], extension: [.hex("d72a0707070707070707")]),
        Blob(count: 16, binary: [.hex("c41007070707070707070707070707070707")], extension: [.hex("d82a07070707070707070707070707070707")]),
        Blob(
            count: 17,
            binary: [.hex("c4110707070707070707070707070707070707")],
            extension: [.hex("c7112a0707070707070707070707070707070707")]
        ),
        Blob(count: 255, binary: [.hex("c4ff"), .run(0x07, 255)], extension: [.hex("c7ff2a"), .run(0x07, 255)]),
        Blob(count: 256, binary: [.hex("c50100"), .run(0x07, 256)], extension: [.hex("c801002a"), .run(0x07, 256)]),
        Blob(count: 65535, binary: [.hex("c5ffff"), .run(0x07, 65535)], extension: [.hex("c8ffff2a"), .run(0x07, 65535)]),
        Blob(count: 65536, binary: [.hex("c600010000"), .run(0x07, 65536)], extension: [.hex("c9000100002a"), .run(0x07, 65536)]),
    ]

    /// Arrays of so many nils.
    static let arrays: [Nils] = [
        Nils(count: 0, [.hex("90")]),
        Nils(count: 1, [.hex("91c0")]),
        Nils(count: 15, [.hex("9fc0c0c0c0c0c0c0c0c0c0c0c0c0c0c0")]),
        Nils(count: 16, [.hex("dc0010c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0")]),
        Nils(count: 65535, [.hex("dcffff"), .run(0xc0, 65535)]),
        Nils(count: 65536, [.hex("dd00010000"), .run(0xc0, 65536)]),
    ]
}
