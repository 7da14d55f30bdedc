using System.Diagnostics.CodeAnalysis;
using Queued.Client.ProcessPools;

/// <summary>
/// The runtime calls this before Main where DOTNET_STARTUP_HOOKS names this assembly; it looks for a class of this name
/// without a namespace. In a worker of a process pool Main is never reached.
/// </summary>
[SuppressMessage("Design", "CA1050:Declare types in namespaces", Justification = "The runtime's rule.")]
internal static class StartupHook
{
    [RequiresUnreferencedCode("Finds methods by their names.")]
    [RequiresDynamicCode("Makes generic methods.")]
    public static void Initialize()
    {
        if (ProcessPoolWorker.IsWanted)
            Environment.Exit(ProcessPoolWorker.Run(resolver: null));
    }
}
