namespace Queued.Daemon.Edge;

internal static class PageSize
{
    private const int Default = 100;

    public static int Of(uint given) => given == 0 ? Default : FieldCheck.Int(given);
}
