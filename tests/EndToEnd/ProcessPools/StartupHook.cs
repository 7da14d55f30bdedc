using Queued.EndToEnd.Tests.ProcessPools;

/// <summary>The runtime calls this before Main where DOTNET_STARTUP_HOOKS names this assembly.</summary>
internal static class StartupHook
{
    public static void Initialize() => TestProgram.RunIfAsked();
}
