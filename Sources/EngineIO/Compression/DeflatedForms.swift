import NIOCore
import Synchronization

/// The compressed forms of one ``OutboundFrame``, one for each window that clients have agreed on: usually one, made when the first of them
/// is due and shared by everybody on every loop.
///
/// A lock rather than a race: a second loop waits for the first to be done, which takes it less than compressing the message again.
/// Whoever has not agreed on compression never comes here.
final class DeflatedForms: Sendable {
    private let forms = Mutex<[Int: ByteBuffer]>([:])

    /// The form for `windowBits`, made by `make` at the first call.
    func form(windowBits: Int, _ make: () -> ByteBuffer) -> ByteBuffer {
        forms.withLock { forms in
            if let form = forms[windowBits] { return form }
            let form = make()
            forms[windowBits] = form
            return form
        }
    }
}
