import EngineIOCore
import Testing

@Suite("TransportStateMachine")
struct TransportStateMachineTests {
    @Suite struct Polling {
        @Test func aPollIsHeldUntilThereIsSomethingToSend() {
            var machine = TransportStateMachine(transport: .polling)
            #expect(machine.transport == .polling)
            #expect(machine.delivery() == .keep)
            #expect(machine.pollReceived(hasQueued: true) == .answerQueued)
            #expect(machine.pollReceived(hasQueued: false) == .hold)
            #expect(machine.delivery() == .answerPoll)
            machine.pollEnded()
            #expect(machine.delivery() == .keep)
            #expect(machine.pollReceived(hasQueued: false) == .hold)
        }

        @Test func aSecondPollWhileOneIsPendingEndsTheSession() {
            var machine = TransportStateMachine(transport: .polling)
            #expect(machine.pollReceived(hasQueued: false) == .hold)
            #expect(machine.pollReceived(hasQueued: true) == .refuseOverlap)
            expectEnding(machine.closed(), answersPoll: true, closesWebSocket: false)
            #expect(machine.pollReceived(hasQueued: false) == .refuseClosed)
        }

        @Test func whatIsQueuedAtTheEndWaitsForTheNextPoll() {
            var machine = TransportStateMachine(transport: .polling)
            #expect(machine.closing() == true)
            #expect(machine.isClosed)
            #expect(machine.delivery() == .discard)
            #expect(machine.postReceived() == .ignore)
            #expect(machine.webSocketAttached() == .refuse)
            #expect(machine.closing() == false)
            #expect(machine.pollReceived(hasQueued: true) == .answerQueued)
            machine.pollEnded()
            #expect(machine.postReceived() == .ignore)
            #expect(machine.pollReceived(hasQueued: false) == .answerLast)
            #expect(machine.pollReceived(hasQueued: false) == .refuseClosed)
            #expect(machine.postReceived() == .refuseClosed)
            expectNoEnding(machine.closed())
        }

        @Test func nothingWaitsWhereAPollIsPendingOrTheTransportIsWebSocket() {
            var machine = TransportStateMachine(transport: .polling)
            #expect(machine.pollReceived(hasQueued: false) == .hold)
            #expect(machine.closing() == false)
            expectEnding(machine.closed(), answersPoll: true, closesWebSocket: false)
            machine = TransportStateMachine(transport: .websocket)
            #expect(machine.closing() == false)
            expectEnding(machine.closed(), answersPoll: false, closesWebSocket: true)
            #expect(machine.closing() == false)
        }

        @Test func whatIsQueuedAtTheEndWaitsForAnUpgradeThatHasBegun() {
            var machine = TransportStateMachine(transport: .polling)
            _ = machine.webSocketAttached()
            _ = machine.probeReceived()
            #expect(machine.closing() == true)
            #expect(machine.awaitsUpgrade)
            #expect(machine.upgradeReceived() == .finish)
            #expect(machine.awaitsUpgrade == false)
            #expect(machine.pollReceived(hasQueued: true) == .refuseClosed)
        }

        @Test func aPollMayStillComeWhereAnUpgradeWasBegun() {
            var machine = TransportStateMachine(transport: .polling)
            _ = machine.webSocketAttached()
            _ = machine.probeReceived()
            #expect(machine.closing() == true)
            machine.probeEnded()
            #expect(machine.awaitsUpgrade == false)
            #expect(machine.upgradeReceived() == .refuse)
            #expect(machine.pollReceived(hasQueued: false) == .answerLast)
        }

        @Test func aWebSocketThatIsNotProbedIsNotWaitedFor() {
            var machine = TransportStateMachine(transport: .polling)
            _ = machine.webSocketAttached()
            #expect(machine.closing() == true)
            #expect(machine.awaitsUpgrade == false)
            #expect(machine.upgradeReceived() == .refuse)
        }

        @Test func anEndThatNoPollComesForIsAnEnd() {
            var machine = TransportStateMachine(transport: .polling)
            #expect(machine.closing() == true)
            expectNoEnding(machine.closed())
            #expect(machine.pollReceived(hasQueued: true) == .refuseClosed)
        }

        @Test func aSecondPostWhileOneIsComingEndsTheSession() {
            var machine = TransportStateMachine(transport: .polling)
            #expect(machine.postReceived() == .accept)
            machine.postEnded()
            #expect(machine.postReceived() == .accept)
            #expect(machine.postReceived() == .refuseOverlap)
        }

        @Test func aPollAndAPostMayBeThereTogether() {
            var machine = TransportStateMachine(transport: .polling)
            #expect(machine.pollReceived(hasQueued: false) == .hold)
            #expect(machine.postReceived() == .accept)
            machine.pollEnded()
            #expect(machine.postReceived() == .refuseOverlap)
        }

        @Test func closedWithoutAPollThereIsNothingToAnswer() {
            var machine = TransportStateMachine(transport: .polling)
            expectEnding(machine.closed(), answersPoll: false, closesWebSocket: false)
            #expect(machine.isClosed)
            expectNoEnding(machine.closed())
            #expect(machine.delivery() == .discard)
            #expect(machine.postReceived() == .refuseClosed)
            #expect(machine.webSocketAttached() == .refuse)
            #expect(machine.probeReceived() == .refuse)
            #expect(machine.upgradeReceived() == .refuse)
        }
    }

    @Suite struct Upgrade {
        @Test func whileAPollIsPending() {
            var machine = TransportStateMachine(transport: .polling)
            #expect(machine.pollReceived(hasQueued: false) == .hold)
            #expect(machine.webSocketAttached() == .awaitProbe)
            #expect(machine.probeReceived() == .confirm(releasesPoll: true))
            #expect(machine.delivery() == .keep)
            #expect(machine.pollReceived(hasQueued: false) == .answerNoop)
            #expect(machine.transport == .polling)
            #expect(machine.upgradeReceived() == .switchOver(releasesPoll: false))
            #expect(machine.transport == .websocket)
            #expect(machine.delivery() == .writeWebSocket)
            #expect(machine.pollReceived(hasQueued: false) == .refuseTransport)
            #expect(machine.postReceived() == .refuseTransport)
        }

        @Test func withoutAPoll() {
            var machine = TransportStateMachine(transport: .polling)
            #expect(machine.webSocketAttached() == .awaitProbe)
            #expect(machine.probeReceived() == .confirm(releasesPoll: false))
            #expect(machine.upgradeReceived() == .switchOver(releasesPoll: false))
        }

        @Test func aPollBetweenAttachAndProbeIsHeldAndReleased() {
            var machine = TransportStateMachine(transport: .polling)
            #expect(machine.webSocketAttached() == .awaitProbe)
            #expect(machine.pollReceived(hasQueued: false) == .hold)
            #expect(machine.pollReceived(hasQueued: false) == .refuseOverlap)
            #expect(machine.probeReceived() == .confirm(releasesPoll: true))
        }

        @Test func messagesDuringProbingStillTravelByPoll() {
            var machine = TransportStateMachine(transport: .polling)
            #expect(machine.pollReceived(hasQueued: false) == .hold)
            #expect(machine.webSocketAttached() == .awaitProbe)
            #expect(machine.delivery() == .answerPoll)
            machine.pollEnded()
            #expect(machine.postReceived() == .accept)
            machine.postEnded()
            #expect(machine.probeReceived() == .confirm(releasesPoll: false))
            #expect(machine.delivery() == .keep)
            #expect(machine.pollReceived(hasQueued: true) == .answerQueued)
            #expect(machine.postReceived() == .accept)
            #expect(machine.upgradeReceived() == .switchOver(releasesPoll: false))
        }

        @Test func aRepeatedProbeIsConfirmedAgain() {
            var machine = TransportStateMachine(transport: .polling)
            #expect(machine.webSocketAttached() == .awaitProbe)
            #expect(machine.probeReceived() == .confirm(releasesPoll: false))
            #expect(machine.probeReceived() == .confirm(releasesPoll: false))
        }

        @Test func anUpgradeNeedsAProbe() {
            var machine = TransportStateMachine(transport: .polling)
            #expect(machine.upgradeReceived() == .refuse)
            #expect(machine.probeReceived() == .refuse)
            #expect(machine.webSocketAttached() == .awaitProbe)
            #expect(machine.upgradeReceived() == .refuse)
            #expect(machine.probeReceived() == .confirm(releasesPoll: false))
            #expect(machine.upgradeReceived() == .switchOver(releasesPoll: false))
        }

        @Test func aLostProbeLeavesTheSessionPolling() {
            var machine = TransportStateMachine(transport: .polling)
            #expect(machine.pollReceived(hasQueued: false) == .hold)
            #expect(machine.webSocketAttached() == .awaitProbe)
            machine.probeEnded()
            #expect(machine.transport == .polling)
            #expect(machine.delivery() == .answerPoll)
            machine.pollEnded()
            #expect(machine.pollReceived(hasQueued: false) == .hold)
            #expect(machine.webSocketAttached() == .awaitProbe)
            #expect(machine.probeReceived() == .confirm(releasesPoll: true))
            machine.probeEnded()
            #expect(machine.pollReceived(hasQueued: false) == .hold)
        }

        @Test func aSecondWebSocketIsRefused() {
            var machine = TransportStateMachine(transport: .polling)
            #expect(machine.webSocketAttached() == .awaitProbe)
            #expect(machine.webSocketAttached() == .refuse)
            #expect(machine.probeReceived() == .confirm(releasesPoll: false))
            #expect(machine.webSocketAttached() == .refuse)
            #expect(machine.upgradeReceived() == .switchOver(releasesPoll: false))
            #expect(machine.webSocketAttached() == .refuse)
            machine.probeEnded()
            #expect(machine.transport == .websocket)
        }

        @Test func closedWhileProbing() {
            var machine = TransportStateMachine(transport: .polling)
            #expect(machine.pollReceived(hasQueued: false) == .hold)
            #expect(machine.webSocketAttached() == .awaitProbe)
            expectEnding(machine.closed(), answersPoll: true, closesWebSocket: true)
            machine.probeEnded()
            #expect(machine.isClosed)
        }
    }

    @Suite struct WebSocket {
        @Test func knowsNoPolls() {
            var machine = TransportStateMachine(transport: .websocket)
            #expect(machine.transport == .websocket)
            #expect(machine.delivery() == .writeWebSocket)
            #expect(machine.pollReceived(hasQueued: false) == .refuseTransport)
            #expect(machine.postReceived() == .refuseTransport)
            #expect(machine.webSocketAttached() == .refuse)
            #expect(machine.probeReceived() == .refuse)
            machine.pollEnded()
            machine.postEnded()
            expectEnding(machine.closed(), answersPoll: false, closesWebSocket: true)
            expectNoEnding(machine.closed())
        }
    }
}

private func expectEnding(
    _ ending: (answersPoll: Bool, closesWebSocket: Bool)?,
    answersPoll: Bool,
    closesWebSocket: Bool,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(ending?.answersPoll == answersPoll, sourceLocation: sourceLocation)
    #expect(ending?.closesWebSocket == closesWebSocket, sourceLocation: sourceLocation)
}

private func expectNoEnding(
    _ ending: (answersPoll: Bool, closesWebSocket: Bool)?,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(ending == nil, sourceLocation: sourceLocation)
}
