using Queued.Client.Sessions;
using Proto = Queued.Protocol.V1;

namespace Queued.Client.Messages;

/// <summary>Messages that came together.</summary>
/// <param name="Connection">The session that holds them, where they are held.</param>
/// <param name="Wire">As they came.</param>
internal readonly record struct GivenMessages(SessionConnection Connection, Proto.GetMessagesResponse Wire)
{
    /// <summary>None: there was none in time.</summary>
    public int Count => Wire.Payloads.Count + Wire.Messages.Count;

    /// <summary>One of those that came in brief.</summary>
    public GivenMessage this[int place] => new(Wire.MessageIds[place], Wire.Deliveries[place], Wire.Payloads[place]);
}

/// <summary>What is needed of a message to read it, and to say what becomes of it.</summary>
internal readonly record struct GivenMessage(ulong Id, uint Delivery, Proto.Payload Payload);
