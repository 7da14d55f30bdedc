namespace Queued.Broker;

/// <summary>Bytes, and how often they were written.</summary>
internal sealed class ValueObject(string name, StateSettings settings, StateScope scope)
    : StateObject(name, settings, scope)
{
    private TaskPayload? _payload;
    private ulong _version;

    public void Read(Command.ReadValue read) =>
        Turn.Reply(read.Request, new Response.ValueRead(_payload, _version));

    public void Write(Command.WriteValue write)
    {
        if (write.ExpectedVersion is { } expected && expected != _version)
        {
            Turn.Reply(write.Request, new Response.ValueWritten(false, _version, _payload));
            return;
        }

        var refusal = StateRules.CheckPayload("payload", write.Payload, Scope.Limits)
            ?? Scope.Resize(this, StateRules.BytesOf(write.Payload));
        if (refusal is not null)
        {
            Turn.Refuse(write.Request, refusal);
            return;
        }

        _payload = write.Payload;
        _version++;
        Turn.Reply(write.Request, new Response.ValueWritten(true, _version, null));
    }

    public override StateView View() => base.View() with { Count = (long)_version };
}
