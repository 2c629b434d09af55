import Testing

@testable import Gateway

@Suite("PrometheusText")
struct PrometheusTextTests {
    @Test func aMetricHasHelpTypeAndValues() {
        var text = PrometheusText()
        text.counter("a_total", "What a is.", 3)
        text.gauge("b", "What b is.", [("kind=\"x\"", 1), ("kind=\"y\"", -2)])
        text.gauge("c", "What c is.", 0)
        text.counter("d_total", "What d is.", [])
        #expect(
            text.text == """
                # HELP a_total What a is.
                # TYPE a_total counter
                a_total 3
                # HELP b What b is.
                # TYPE b gauge
                b{kind="x"} 1
                b{kind="y"} -2
                # HELP c What c is.
                # TYPE c gauge
                c 0
                # HELP d_total What d is.
                # TYPE d_total counter

                """
        )
    }
}
