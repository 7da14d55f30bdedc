namespace Queued.Broker;

/// <summary>A whole number of 64 bits.</summary>
internal sealed class CounterObject(string name, StateSettings settings, StateScope scope)
    : StateObject(name, settings, scope)
{
    private long _value = settings.Initial;

    public void Add(Command.AddCounter add)
    {
        if (add.Expected is { } expected && expected != _value)
        {
            Turn.Reply(add.Request, new Response.CounterRead(_value, false));
            return;
        }

        var from = add.Set ?? _value;
        if (add.Delta > 0 ? from > long.MaxValue - add.Delta : from < long.MinValue - add.Delta)
        {
            Turn.Refuse(add.Request, Rejections.Invalid(
                "delta", $"{from} and {add.Delta} together are more than 64 bits hold."));
            return;
        }

        _value = from + add.Delta;
        Turn.Reply(add.Request, new Response.CounterRead(_value, true));
    }

    public override StateView View() => base.View() with { Value = _value };
}
